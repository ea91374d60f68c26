#!/usr/bin/env bash
# afire evaluate: figures from a checkpoint and a manifest, the same for any number of threads, and what it refuses.
source "$(dirname "$0")/../support/cli.sh"

"$program" phantom --count 1 --image 32 --out probe >out 2>err || { grep -q libpng err && echo "skipped: no PNG in this program" && exit 77; }
exits 0 phantom --count 80 --image 32 --out films
exits 0 pretrain "${tiny[@]}" --epochs 1 --out run
checkpoint=run/step-00000003.safetensors
ask=(evaluate $checkpoint --films films/manifest.csv --train-where "split=train|val" --test-where split=test --draws 50)

exits 0 "${ask[@]}" --positive normal=0 --by split --shares 1,0.2 --seeds 2 --out figures.json
says out "AUROC of normal=0, mean of 2 seeds"
says out "split=test"
says out "inside lesions"
says figures.json '"trained_above"'
exits 0 "${ask[@]}" --positive normal=0 --by split --shares 1,0.2 --seeds 2 --out again.json --threads 2
same figures.json again.json "one thread and two"
exits 0 "${ask[@]}" --positive normal=0 --by split --shares 1,0.2 --seeds 2 --pool mean --out mean.json
same figures.json mean.json "the mean, asked for or not"
says err "means of patch tokens"
exits 0 "${ask[@]}" --positive normal=0 --by split --shares 1,0.2 --seeds 2 --pool token --out token.json
says err "class tokens"
says token.json '"pool": "token"'
cmp -s figures.json token.json && fail "class tokens and means of patches give the same figures"
exits 0 pretrain "${tiny[@]}" --epochs 1 --pool token --out of_token
exits 0 evaluate of_token/step-00000003.safetensors "${ask[@]:2}" --positive normal=0 --by split --shares 1,0.2 --seeds 2 --json
says err "class tokens"
exits 2 "${ask[@]}" --positive normal=0 --pool tokn
says err "did you mean token?"
exits 0 "${ask[@]}" --positive labels=nodule --json
says out '"positive": "labels=nodule"'

exits 2 evaluate $checkpoint --films films/manifest.csv --train-where split=train --test-where split=test
says err "--positive normal=0"
exits 2 evaluate $checkpoint --films films/manifest.csv --positive normal=0
says err "--train-where split=train"
exits 2 "${ask[@]}" --positive normal=0 --shares 2
says err "--shares holds 2"
exits 1 "${ask[@]}" --positive normal=7
says err "no positive film"
exits 1 "${ask[@]}" --positive ill=1
says err "no column 'ill'"
exits 1 evaluate $checkpoint --films films/manifest.csv --train-where split=train --test-where split=train --positive normal=0
says err "--allow-shared"
exits 1 evaluate $checkpoint --films films/films --train-where split=train --test-where split=test --positive normal=0
says err "is a folder"
exits 1 evaluate films/manifest.csv --films films/manifest.csv --train-where split=train --test-where split=test --positive normal=0
exits 1 evaluate features.safetensors --films films/manifest.csv --train-where split=train --test-where split=test --positive normal=0
finish
