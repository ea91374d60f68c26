#!/usr/bin/env bash
# What each variant owns, by the plan of its memory: the parts that its objective needs, to the byte, and no other.
#
#   owns.sh FOLDER                of the programs; asks each for --dry-run --json
#
# Parameters, targets, queues, centres, head and map of kept patches are counted here from the papers' sizes, a list of tensors each; encoder and
# decoder are held against restoration_only, which sees one view of all patches, token by token. What is not listed must not be there.
set -euo pipefail
export LC_ALL=C
folder=$1
B=16 L=36 C=48 K=32 H=96 D=64 P=64                       # films, patches, widths of encoder, prototypes, head inside and out, pixels of a patch
sizes=(--phantom 64 --image 48 --patch 8 --channels 1 --width $C --depth 2 --heads 2 --batch $B --epochs 1 --threads 1)
decoder=(--decoder-width 48 --decoder-depth 1 --decoder-heads 2)
failed=0

# JSON to lines path=value; arrays become words.
flat() {
  awk '{ text = text $0 } END { value("") }
    function take() {
      match(text, /^[ \t]*("[^"]*"|[-+.0-9eE]+|true|false|null|[{}\[\],:])/)
      token = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1); gsub(/^[ \t]+|"/, "", token)
    }
    function value(path,   key, list) {
      take()
      if (token == "{") for (;;) { take(); if (token == "}") return; if (token == ",") take(); key = token; take(); value(path "/" key) }
      else if (token == "[") for (;;) { take(); if (token == "]") { print path "=" list; return } if (token != ",") list = list (list == "" ? "" : " ") token }
      else print path "=" token
    }'
}

# Bytes of tensors of so many numbers each, of 4 bytes; `of SIZE` bytes. Each begins at a multiple of 64.
floats() { of 4 "$@"; }
of() {
  local size=$1 sum=0 n
  shift
  for n in "$@"; do sum=$((sum + (size * n + 63) / 64 * 64)); done
  echo $sum
}
# Rows through a head and what it keeps: tokens, scores, two hidden layers, out, unit length, norms; G directions.
projection() { floats $(($1 * C)) $(($1 * K)) $(($1 * H)) $(($1 * H)) $(($1 * D)) $(($1 * D)) "$1" $(($2 * K)); }
# Embeddings of rows: LAYERS, and whether the last is normed.
mlp() { echo $(($(floats $(($1 * K)) $((($2 - 1) * $1 * H)) $((($2 - 1) * 2 * H))) + ${3:-0} * $(floats $(($1 * K)) $((2 * K))))); }
contrast() { floats $((L * K)) $((L * K)) $((L * K)) $L $K $L $((B * L)); }
restored() { floats $(($1 * B * L)); }
views_crossed() { floats $((2 * B * K)) $B $B $((2 * B)); }
centre() { floats $K $K 1; }

# Inside expect: of what the program has said.
same() { [ "$2" = "$3" ] || wrong+="  $1: '$2' in place of '$3'"$'\n'; }
memory() { echo "${is[/memory_bytes/activations: $1]:-0}"; }
sorted() { sort <<<"$1" | grep . | paste -sd, || true; }

# expect NAME VIEWS OF_TEACHER "NEEDS" "KEEPS" "PARTS" OBJECTIVE TEACHER MASKING HEAD: bytes; 0: no such memory.
expect() {
  local name=$1 views=$2 of_teacher=$3 needs=$4 keeps=$5 parts=$6
  local file=${BASH_SOURCE[0]%/*}/$name.cpp options=("${sizes[@]}")
  ! grep -q 'decoder_options' "$file" || options+=("${decoder[@]}")
  ! grep -qE 'head_options|"head-hidden' "$file" || options+=(--head-hidden $H --head-out $D)
  ! grep -q 'head_options' "$file" || grep -q 's.prototypes = ' "$file" || options+=(--prototypes $K)
  declare -A is=()
  local path value wrong=
  while IFS== read -r path value; do is[$path]=$value; done < <("$folder/$name" "${options[@]}" --dry-run --json | flat)

  same views "${is[/views]:-}" "$views"
  same "views of the teacher" "${is[/views_of_teacher]:-}" "$of_teacher"
  same needs "${is[/objective_needs]:-}" "$needs"
  local kept='' owned='' planned=''
  for path in "${!is[@]}"; do
    case $path in
      /objective_keeps/*) kept+="${path##*/} ${is[$path]}"$'\n' ;;
      /parameters/all) ;;
      /parameters/*) owned+="${path##*/}"$'\n' ;;
      "/memory_bytes/activations: "*) planned+="${path##*: }"$'\n' ;;
    esac
  done
  same keeps "$(sorted "$kept")" "$keeps"
  same parts "$(sorted "$owned")" "$parts"
  same objective "$(memory objective)" "$7"
  same targets "$(memory teacher)" "$8"
  same masking "$(memory masking)" "$9"
  same head "$(memory head)" "${10}"
  same weights "$([ -n "${is[/memory_bytes/teacher: weights]:-}" ] && echo there)" "$([[ $parts != *teacher* ]] || echo there)"
  same films "${is[/memory_bytes/batches ahead]:-}" $((views * B * (3 * 48 * 48 + L) * 4))
  # What is kept for each token, beside the patches and which branches of an image take part. Small crops have 3 x 3 patches.
  local small=0 tokens=$((L + 1)) encoder
  case $name in dino | swav) small=4 ;; mae) tokens=$((tokens - 27)) ;; dino_mae) tokens=$((tokens - 18)) ;; esac
  local large=$(((views - small) * B))
  encoder=$(($(memory encoder) - $(floats $((large * L * P)) $((4 * large)))))
  [ $small = 0 ] || encoder=$((encoder - $(floats $((small * B * 9 * P)) $((4 * small * B)))))
  [ "$name" != restoration_only ] || { token_bytes=$((encoder / (B * tokens))) decoder_bytes=$(memory decoder); }
  same encoder "$encoder" $((token_bytes * (large * tokens + small * B * 10)))
  case $parts,$name in
    decoder,*simmim*) same decoder "$(memory decoder)" "$(floats $((B * (L + 1) * P)))" ;;
    *decoder*) [ "$name" = simmim ] || same decoder "$(memory decoder)" $((decoder_bytes * views)) ;;
    *) same decoder "$(memory decoder)" 0 ;;
  esac
  if [ -n "$wrong" ]; then printf 'FAILED %s\n%s' "$name" "$wrong"; failed=$((failed + 1)); fi
  seen+=" $name "
}
small_table() { floats $((9 * L)) $((10 * C)) $((10 * C)); }                                # of 3 x 3 patches, and its gradient
left_out() { of 4 $(($1 * B * ($L - $2))) $(($1 * B * L)) $(($1 * B * (L + 1) * C)); }      # seats, slots, tokens of every place
seen=

afire='teacher scores film observes' taught='head,teacher encoder,teacher head'
expect restoration_only 1 0 film '' decoder,encoder "$(restored 1)" 0 0 0
for name in afire afire_faithful all_tokens centring clean_share crops_instead_of_lesions lesions_only mae_masks_instead_of_lesions prototype_momentum \
            sinkhorn_off teacher_sees_lesion; do
  expect $name 1 1 "$afire" "prototype $L $K" "decoder,encoder,$taught" $(($(contrast) + $(restored 1))) 0 0 "$(projection $((B * L)) $L)"
done
expect shared_head 1 1 "$afire" "prototype $L $K" "decoder,encoder,$taught" $(($(contrast) + $(restored 1))) 0 0 "$(projection $((B * L)) 1)"
expect contrast_only 1 1 'teacher scores observes' "prototype $L $K" "encoder,$taught" "$(contrast)" 0 0 "$(projection $((B * L)) $L)"
K=1024
expect prototypes 1 1 "$afire" "prototype $L $K" "decoder,encoder,$taught" $(($(contrast) + $(restored 1))) 0 0 "$(projection $((B * L)) $L)"
K=32
expect mae 1 0 film '' decoder,encoder "$(restored 1)" 0 "$(left_out 1 27)" 0
expect simmim 1 0 film '' decoder,encoder "$(restored 1)" 0 0 0

class='teacher class_scores targets'
expect dino 6 2 "$class remembers views" "centre 1 $K" "encoder,$taught" $(($(views_crossed) + $(centre))) "$(floats $((2 * B * K)))" \
  "$(small_table)" "$(projection $((6 * B)) 1)"
expect swav 6 0 'class_scores views' '' encoder,head "$(views_crossed)" 0 "$(small_table)" "$(projection $((6 * B)) 1)"
expect dino_mae 2 2 'teacher class_scores film targets remembers views' "centre 1 $K" "decoder,encoder,$taught" \
  $(($(views_crossed) + $(centre) + $(restored 2))) "$(floats $((2 * B * K)))" "$(left_out 2 18)" "$(projection $((2 * B)) 1)"
N=$((2 * B * L))
expect ibot 2 2 'teacher scores class_scores targets remembers views' "centre 1 $K,patch_centre 1 $K" "encoder,$taught" \
  $(($(views_crossed) + $(floats $((N * K)) $N $N) + 2 * $(centre))) "$(floats $((N * K)) $((2 * B * K)))" 0 \
  $(($(projection $((2 * B)) 1) + $(projection $N 1)))

K=$D                                                     # embeddings
for name in simclr attraction; do
  expect $name 2 0 'class_scores views' '' encoder,head 0 0 0 $(($(floats $((2 * B * C))) + $(mlp $((2 * B)) 2)))
done
expect vicreg 2 0 'class_scores views' '' encoder,head 0 0 0 $(($(floats $((2 * B * C))) + $(mlp $((2 * B)) 3)))
expect moco_v3 2 2 "$class views" '' "encoder,$taught" 0 "$(floats $((2 * B * K)))" 0 \
  $(($(floats $((2 * B * C)) $((2 * B * K))) + $(mlp $((2 * B)) 3 1) + $(mlp $((2 * B)) 2 1)))
expect densecl 2 2 'teacher scores class_scores targets tokens remembers views' \
  "dense_queue $((2 * B)) $K,dense_queue_place 1 2,queue $((2 * B)) $K,queue_place 1 2" "encoder,$taught" \
  $(($(floats $((2 * B * K)) 2 $((2 * B * K)) 2 $((B * L * K)) $((B * K))) + $(of 8 $((B * L))))) \
  "$(floats $((N * K)) $((2 * B * K)) $((N * C)))" 0 $(($(floats $((2 * B * C)) $((N * C))) + $(mlp $((2 * B)) 2) + $(mlp $N 2)))
expect positions_infonce 1 1 'teacher scores observes' "centre $L $K" "encoder,$taught" \
  $(($(floats $((L * K)) $((L * K))) + $(of 1 $((B * L))))) 0 0 $(($(floats $((B * L * C))) + $(mlp $((B * L)) 2)))

for file in "${BASH_SOURCE[0]%/*}"/*.cpp; do
  name=$(basename "$file" .cpp)
  case $name in plain | program | shared) continue ;; esac
  [[ $seen = *" $name "* ]] || { echo "FAILED $name: nothing is known of what it owns"; failed=$((failed + 1)); }
done
[ "$failed" = 0 ] || { echo "$failed failed"; exit 1; }
echo "$(wc -w <<<"$seen") variants own what their objectives need"
