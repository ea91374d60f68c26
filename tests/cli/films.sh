#!/usr/bin/env bash
# Films of files: written by `phantom`, read back, chosen, broken, shared between training and validation.
source "$(dirname "$0")/../support/cli.sh"
model=("${tiny[@]:2}" --batch 4 --epochs 1)    # without --phantom 24

if ! "$program" phantom --count 20 --image 40 --seed 3 --abnormal 0.5 --out p >out 2>err; then
  grep -q "built without libpng" err && { echo "skipped: no libpng"; exit 77; }
  fail "phantom: $(cat err)"
fi
for folder in films regions ribs; do [ "$(ls p/$folder | wc -l)" = 20 ] || fail "p/$folder holds $(ls p/$folder | wc -l) files"; done
[ "$(wc -l <p/manifest.csv)" = 21 ] || fail "manifest.csv has $(wc -l <p/manifest.csv) lines"
masks=$(ls p/masks | wc -l)
[ "$masks" -gt 0 ] && [ "$masks" = "$(cut -d, -f8 p/manifest.csv | grep -o 'masks/' | wc -l)" ] || fail "p/masks holds $masks files"
exits 1 phantom --count 2 --image 40 --out p
says err "exists"

exits 0 lesions --films p/manifest.csv --image 40 --patch 8 --rows 2 --columns 2 --out sheet.png
exits 0 lesions --films p --image 40 --patch 8 --faithful --out released.png
cmp -s sheet.png released.png && fail "released and corrected lesions look the same"

# A folder, a manifest, a choice of its rows; another folder with the same films is the same run.
exits 0 pretrain "${model[@]}" --films p/manifest.csv --where split=train --validation p/manifest.csv --validation-where 'split=val|test' --out a
grep -q '"patients": 16' a/data.json || fail "data.json: $(cat a/data.json)"
cp -r p q
exits 0 pretrain "${model[@]}" --films q/manifest.csv --where split=train --validation q/manifest.csv --validation-where 'split=val|test' --out b
same a/step-00000004.safetensors b/step-00000004.safetensors "the same films elsewhere"
exits 0 pretrain "${model[@]}" --films p/films --out c
exits 1 pretrain "${model[@]}" --films p/manifest.csv --where split=train --resume auto --out c
says err "other films"

# Wrong manifests and choices.
exits 1 pretrain "${model[@]}" --films p/manifest.csv --where splt=train --out d
says err "no column 'splt'"
exits 1 pretrain "${model[@]}" --films p/manifest.csv --where split=training --out d
says err "none of its 20 films fits"
exits 1 pretrain "${model[@]}" --films nowhere --out d
says err "nowhere"
(head -n 3 p/manifest.csv; sed -n 2p p/manifest.csv) >p/twice.csv
exits 1 pretrain "${model[@]}" --films p/twice.csv --out d
says err "a second time"
head -n 1 p/manifest.csv >p/empty.csv
exits 1 pretrain "${model[@]}" --films p/empty.csv --out d
says err "no film"

# Patients or films on both sides.
exits 1 pretrain "${model[@]}" --films p/manifest.csv --where split=train --validation p/manifest.csv --out d
says err "16 patients are"
exits 0 pretrain "${model[@]}" --films p/manifest.csv --where split=train --validation p/manifest.csv --allow-shared --out d
mkdir other && cp p/films/000005.png other/another-name.png
exits 1 pretrain "${model[@]}" --films p/films --validation other --out e
says err "1 film is"

# A broken film.
head -c 300 p/films/000007.png >q/films/000007.png
exits 1 pretrain "${model[@]}" --films q/manifest.csv --out f
says err "q/films/000007.png"
says err "line 9"
exits 0 pretrain "${model[@]}" --films q/manifest.csv --skip-broken --out g
says err "1 film was left out:"
says err "q/films/000007.png"
exits 0 pretrain "${model[@]}" --films q/manifest.csv --skip-broken --disk-cache cache --out h
same g/step-00000005.safetensors h/step-00000005.safetensors "with a cache"
finish
