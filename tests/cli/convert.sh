#!/usr/bin/env bash
# Weights under other names: there and back the same bits; --init takes them; what is broken or asked for wrongly is said in a sentence.
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cli.sh"

exits 0 pretrain "${tiny[@]}" --steps 2 --out run
checkpoint=$(ls run/step-*.safetensors | tail -n 1)

# afire -> released -> afire: the whole file, optimiser and all.
exits 0 convert "$checkpoint" released.safetensors --to released
says err 'afire, encoder under "teacher.encoder."'
exits 0 convert released.safetensors back.safetensors --to afire
says err 'AFiRe as released, encoder under "teacher.encoder."'
same "$checkpoint" back.safetensors "afire -> released -> afire"
exits 0 inspect released.safetensors --match 'student.module.head.last_layers.15.weight_v'
says out "(8, 16)"

# afire -> timm -> afire: the encoder.
exits 0 convert "$checkpoint" timm.safetensors --to timm
exits 0 inspect timm.safetensors --json
grep -q '"name": ".*encoder' out && fail "a name with 'encoder' in a file for timm"
grep -q '"name": "mask_token' out && fail "a mask_token in a file for timm"
says out '"name": "blocks.1.attn.qkv.weight"'
exits 0 convert timm.safetensors encoder.safetensors --to afire
says err "timm's names, encoder under no prefix"
exits 0 convert encoder.safetensors again.safetensors --to timm
same timm.safetensors again.safetensors "timm -> afire -> timm"
exits 0 convert "$checkpoint" student.safetensors --to timm --part student
cmp -s timm.safetensors student.safetensors && fail "student and teacher are the same after two steps"
exits 0 convert released.safetensors from_released.safetensors --to timm --from released
same timm.safetensors from_released.safetensors

# Register tokens, layer scale, trained positions of the patches alone, no bias of queries, keys and values: all of it, there and back.
other=(--registers 2 --layer-scale 0.1 --positions learned --no-front-positions --no-qkv-bias --mlp-ratio 2 --drop-path 0.3)
exits 0 pretrain "${tiny[@]}" "${other[@]}" --steps 2 --out other
exits 0 convert other/step-00000002.safetensors other_released.safetensors --to released
exits 0 convert other_released.safetensors other_back.safetensors --to afire
same other/step-00000002.safetensors other_back.safetensors "afire -> released -> afire with registers"
exits 0 convert other/step-00000002.safetensors other_timm.safetensors --to timm
exits 0 inspect other_timm.safetensors
for words in "reg_token                  F32   (1, 2, 24)" "pos_embed                  F32   (1, 16, 24)" "blocks.1.ls2.gamma"; do says out "$words"; done
grep -qF "attn.qkv.bias" out && fail "a bias of queries, keys and values out of nowhere"
exits 0 convert other_timm.safetensors other_encoder.safetensors --to afire
exits 0 convert other_encoder.safetensors other_again.safetensors --to timm
same other_timm.safetensors other_again.safetensors "timm -> afire -> timm with registers"
exits 0 pretrain "${tiny[@]}" "${other[@]}" --steps 1 --init other_timm.safetensors --out from_other
exits 1 pretrain "${tiny[@]}" --steps 1 --init other_timm.safetensors --out from_other2
says err "encoder.blocks.0.attn.qkv.bias"

# A run starts from any of them: after --steps 0 ... one step from the same weights it is the same.
for file in timm encoder from_released; do
  exits 0 pretrain "${tiny[@]}" --steps 1 --init $file.safetensors --out "from_$file"
  says err "tensors start from it"
done
same from_timm/step-00000001.safetensors from_encoder/step-00000001.safetensors
exits 0 pretrain "${tiny[@]}" --steps 1 --init released.safetensors --init-part student --out from_student
says err '"student.module.encoder."'
exits 0 pretrain "${tiny[@]}" --image 48 --prototypes 8 --steps 1 --init timm.safetensors --out larger
says err "4 x 4 positions became 6 x 6"
exits 0 pretrain "${tiny[@]}" --channels 1 --steps 1 --init timm.safetensors --out grey
says err "(24, 3, 8, 8) became (24, 1, 8, 8)"

# What does not fit is listed, and allowed by pattern.
exits 1 pretrain "${tiny[@]}" --depth 3 --steps 1 --init timm.safetensors --out deeper
says err "missing in the file (12)"
says err "encoder.blocks.2.norm1.weight"
exits 1 pretrain "${tiny[@]}" --depth 3 --steps 1 --init timm.safetensors --init-allow 'block.2.*' --out deeper
says err 'nothing that differs fits "block.2.*"'
exits 0 pretrain "${tiny[@]}" --depth 3 --steps 1 --init timm.safetensors --init-allow 'blocks.2.*' --out deeper
exits 1 pretrain "${tiny[@]}" --width 48 --steps 1 --init timm.safetensors --out wider
says err "of another shape"
exits 1 pretrain "${tiny[@]}" --steps 1 --init timm.safetensors --init-from hf --out hf
says err "with the names of hf"

# Broken files, and none.
exits 1 convert nowhere.safetensors x.safetensors --to timm
says err "nowhere.safetensors"
echo garbage >garbage.pth
exits 1 convert garbage.pth x.safetensors --to timm
says err "garbage.pth"
head -c 5000 timm.safetensors >cut.safetensors
exits 1 convert cut.safetensors x.safetensors --to timm
says err "cut short"
printf 'PK\003\004' >cut.pth
exits 1 inspect cut.pth
says err "cut short"
: >empty.pth
exits 1 inspect empty.pth
says err "empty.pth: its 0 bytes are too few"
exits 1 convert run x.safetensors --to timm
says err "cannot read run: it is a folder"
exits 1 convert timm.safetensors run --to timm
says err "cannot write run"
exits 1 pretrain "${tiny[@]}" --steps 1 --init run --out from_folder
says err "cannot read run: it is a folder"
printf 'file,split\na.png,train\n' >films.csv
exits 1 convert films.csv x.safetensors --to timm
says err "films.csv"
exits 0 embed "$checkpoint" --phantom 4 --out features.safetensors
exits 1 convert features.safetensors x.safetensors --to timm
says err "holds no vision transformer"
printf '%-64s' '{"patch_embed.proj.weight":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}' >header
printf "\\x$(printf %x "$(wc -c <header)")\\0\\0\\0\\0\\0\\0\\0" | cat - header <(printf x) >odd.safetensors
exits 1 convert odd.safetensors x.safetensors --to timm
says err 'odd.safetensors: "encoder.patch_embed.proj.weight" has the shape (1)'
[ ! -e x.safetensors ] || fail "something was written although the file could not be read"

# Files that PyTorch wrote, where the fixtures are.
pth=${AFIRE_FIXTURES:-$here/../../../shared/fixtures}/pth
if [ -d "$pth" ]; then
  exits 0 convert "$pth/afire_checkpoint.pth" published.safetensors --to afire
  exits 0 inspect published.safetensors
  says out "student.head.last_layers.*.weight_v"
  exits 0 pretrain "${tiny[@]}" --decoder-width 16 --decoder-depth 2 --head-hidden 28 --head-out 20 --prototypes 12 --steps 1 \
    --init "$pth/afire_checkpoint.pth" --out published
  says err 'AFiRe as released, encoder under "teacher.encoder."'
  exits 0 convert "$pth/mae_legacy_not_zip.pth" legacy.safetensors --to timm
  exits 0 convert "$pth/dino_backbone.pth" dino.safetensors --to timm
  exits 1 inspect "$pth/hostile_global.pth"
  says err '"posix.system"'
else
  echo "no $pth: files of PyTorch were not tried"
fi

# Arguments that cannot be meant.
exits 2 convert
says err "give a file"
exits 2 convert timm.safetensors
says err "give the file to write"
exits 2 convert timm.safetensors x.safetensors
says err "--to is missing"
exits 2 convert timm.safetensors x.safetensors --to tim
says err "did you mean timm?"
exits 2 convert timm.safetensors x.safetensors --to timm --from dyno
says err "did you mean dino?"
exits 2 convert timm.safetensors x.safetensors --to timm --part teecher
says err "did you mean teacher?"
exits 1 convert timm.safetensors x.safetensors --to timm --part student
says err "holds no student"
exits 2 convert timm.safetensors x.safetensors --too timm
says err "did you mean --to?"
exits 0 convert --help
says out "Examples:"
finish
