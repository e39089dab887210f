#!/bin/sh
# tests/fail/models.sh NNL: model files, checkpoints and backups that cannot be written. Each must end with exit code 3 and a message that
# names the file, leave nothing half-written, and keep what stood there before.
nnl=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
passed=0
skipped=0
failed=0

fault() {
    echo "tests/fail/models.sh: $1"
    failed=$((failed + 1))
}

# script CALLBACK SAVE: a model whose file is larger than what the small limit below allows.
script() {
    cat <<END
data points from "points.csv" {
    features x
    target y
    split train 70%, test 30%
}
model line {
    input x
    dense(3000, relu)
    dense(1)
}
train line on points {
    epochs 2
    $1
}
$2
END
}

# refused WHAT FILE SCRIPT [COMMAND...]: exit code 3, the file's name in the message, FILE as it was, nothing beside it.
refused() {
    what=$1
    file=$2
    script=$3
    shift 3
    # Only an ordinary file can be kept and compared: /dev/full can be read without end.
    rm -f kept
    [ -f "$file" ] && cp "$file" kept
    "$@" "$nnl" run --quiet "$script" >stdout 2>stderr
    got=$?
    if [ $got != 3 ] || ! grep -q "^error\[E0[67]0[13]\]: .*$(basename "$file")" stderr; then
        fault "$what: expected exit code 3 and a message that names $file, got $got"
        cat stderr
    elif [ -e kept ] && ! cmp -s kept "$file"; then
        fault "$what: the file is not what it was"
    elif [ -n "$(find . -name '*.part')" ]; then
        fault "$what: left $(find . -name '*.part')"
    else
        passed=$((passed + 1))
    fi
    rm -f kept
}
limited() {
    # No file may grow beyond 8 KB (16 blocks).
    sh -c 'ulimit -f 16; exec "$@"' sh "$@"
}

{
    echo x,y
    i=0
    while [ $i -lt 20 ]; do
        echo "$i,$((i * 2))"
        i=$((i + 1))
    done
} >points.csv
script '' 'save line to "line.keras"' >save.nnl
script 'callback model_checkpoint("files/line.keras")' '' >checkpoint.nnl
script 'callback model_checkpoint("files/line.weights.h5", save_weights_only=true)' '' >weights.nnl
script 'callback backup_and_restore("backup", delete_checkpoint=false)' '' >backup.nnl
script 'callback csv_logger("files/line.csv")' '' >logger.nnl
for name in save checkpoint weights backup logger; do
    if "$nnl" run --quiet $name.nnl >stdout 2>stderr; then passed=$((passed + 1)); else fault "$name.nnl: $(cat stderr)"; fi
done
sed -i 's/epochs 2/epochs 3/' backup.nnl

refused "saving on a full disk" line.keras save.nnl limited
refused "a checkpoint on a full disk" files/line.keras checkpoint.nnl limited
refused "weights on a full disk" files/line.weights.h5 weights.nnl limited
refused "a backup on a full disk" backup/training.backup backup.nnl limited
if "$nnl" run --quiet backup.nnl >stdout 2>stderr; then passed=$((passed + 1)); else fault "the backup is of no use after a full disk: $(cat stderr)"; fi

# What a killed program left, longer than the whole file: the next save takes its place.
head -c 1000000 /dev/zero >line.keras.part
if "$nnl" run --quiet save.nnl >stdout 2>stderr && "$nnl" predict line.keras points.csv >stdout 2>>stderr && [ ! -e line.keras.part ] &&
    [ "$(wc -c <line.keras)" -lt 1000000 ]; then
    passed=$((passed + 1))
else
    fault "saving over what was left: $(cat stderr)"
fi

# A device, through a link: whoever runs the tests as root would lose the device itself if a file were put in its place.
for name in save checkpoint weights logger; do
    mkdir -p full/files
    sed -E 's|"(files/)?line\.|"full/\1line.|' $name.nnl >full_$name.nnl
done
for file in line.keras files/line.keras files/line.weights.h5 files/line.csv; do ln -s /dev/full full/$file; done
refused "saving to a full device" full/line.keras full_save.nnl
refused "a checkpoint to a full device" full/files/line.keras full_checkpoint.nnl
refused "weights to a full device" full/files/line.weights.h5 full_weights.nnl
refused "a log of figures to a full device" full/files/line.csv full_logger.nnl

# Another program that writes the same file: only one of them may. (Its lock is gone with it: what it left is taken over.)
sed -i 's/epochs 3/epochs 4/' backup.nnl
for name in save checkpoint weights backup; do
    case $name in save) file=line.keras ;; checkpoint) file=files/line.keras ;; weights) file=files/line.weights.h5 ;; backup) file=backup/training.backup ;; esac
    echo left >$file.part
    cp $file.part kept.part
    flock -x $file.part "$nnl" run --quiet $name.nnl >stdout 2>stderr
    got=$?
    if [ $got != 3 ] || ! grep -q "^error\[E0701\]: .*another program" stderr || ! cmp -s $file.part kept.part; then
        fault "$name beside another program: exit code $got, $(cat stderr)"
    elif "$nnl" run --quiet $name.nnl >stdout 2>stderr && [ ! -e $file.part ]; then
        passed=$((passed + 1))
    else
        fault "$name after another program: $(cat stderr)"
    fi
done
rm -f kept.part

# A folder that is a file, before anything is trained.
for name in save checkpoint weights logger; do
    sed -E 's|"(files/)?line\.|"points.csv/line.|' $name.nnl >under_$name.nnl
    refused "$name in a folder that is a file" points.csv under_$name.nnl
done
sed 's|"backup"|"points.csv/backup"|' backup.nnl >under_backup.nnl
refused "a backup in a folder that is a file" points.csv under_backup.nnl

# A folder that cannot be written: told before anything is trained. Root may write anywhere, so it lends its rights to nobody.
mkdir locked
cp line.keras locked/
chmod a-w,a+rx locked
as=
if [ "$(id -u)" = 0 ]; then
    chmod a+rwx .
    chmod -R a+rwX files backup
    as="setpriv --reuid=65534 --regid=65534 --clear-groups"
    $as "$nnl" --version >stdout 2>stderr || as=none
fi
if [ "$as" != none ]; then
    for name in save checkpoint weights logger; do
        sed -E 's|"(files/)?line\.|"locked/line.|' $name.nnl >locked_$name.nnl
        refused "$name in a folder that cannot be written" locked/line. locked_$name.nnl $as
    done
    sed 's|"backup"|"locked/backup"|' backup.nnl >locked_backup.nnl
    refused "a backup in a folder that cannot be written" locked/backup locked_backup.nnl $as
    [ "$(ls locked)" = line.keras ] && cmp -s line.keras locked/line.keras || fault "a locked folder was changed"
else
    echo "skipped files in a folder that cannot be written: root may write anywhere"
    skipped=1
fi
chmod u+w locked
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
