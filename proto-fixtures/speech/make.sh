#!/bin/sh
# Makes the speech of the demo and the prompts of a starter configuration, all of it synthetic:
# espeak-ng 1.51 (GPL-3.0; its output is not covered) and sox, 8 kHz mono 16 bit.
# The files are committed; run this only to change them.   apt-get install espeak-ng sox
set -eu
cd "$(dirname "$0")"
prompts=../../deploy/prompts
spoken=$(mktemp)
trap 'rm -f "$spoken"' EXIT

# say FILE VOICE SPEED PITCH TEXT
say() {
    espeak-ng -v "cmn-latn-pinyin+$2" -s "$3" -p "$4" -w "$spoken" "$5"
    # -R: the same dither each time, so that the file is the same each time.
    sox -R -t wav "$spoken" -r 8000 -c 1 -b 16 -e signed-integer "$1" norm -3 pad 0.1 0.1
}

say caller-consultation.wav m3 205 45 "您好，我想咨询一下，我家的燃气账单怎么在网上查询？"
say caller-complaint.wav    f3 190 60 "我要投诉，上个星期报的问题，到今天还没有人来处理。"
say caller-repair.wav       m3 190 45 "您好，我家里今天早上停水了，请派人来修理一下。"
say caller-suggestion.wav   f3 190 60 "我有一个建议，希望你们的营业厅周末也能开门。"
say agent-greeting-1.wav    f2 185 55 "您好，这里是客户服务热线，请问有什么可以帮您？"
say agent-greeting-2.wav    m1 185 40 "您好，工号一零零二为您服务，请讲。"
say agent-transfer.wav      f2 185 55 "请您稍等，我为您转接到投诉处理部门。"
say agent-supervisor.wav    m1 185 40 "您好，我是投诉处理专员，您的情况我已经了解了。"

say caller-message.wav      m3 190 45 "您好，我姓王，我家的燃气表坏了，请明天给我回个电话。"
say agent-please-hold.wav   f2 185 55 "您的问题我需要请教一下同事，请您不要挂机。"
say agent-specialist.wav    m1 185 40 "您好，我是燃气专员，您的问题我来为您处理。"
# A tone that nothing else has, so that it is found wherever a supervisor is heard.
sox -R -n -r 8000 -c 1 -b 16 -e signed-integer supervisor-tone.wav synth 2 sine 2300 norm -9

say "$prompts/recording-notice.wav" f4 195 55 "您好，为了保证服务质量，本次通话将被录音。"
say "$prompts/all-busy.wav"         f4 195 55 "对不起，现在座席全忙，请您稍后再拨。"
say "$prompts/greeting.wav"         f4 195 55 "您好，欢迎致电客户服务热线。"
say "$prompts/place-1.wav"          f4 195 55 "座席全忙，请您稍等，您排在第一位。"
say "$prompts/closed.wav"           f4 195 55 "您好，现在是非工作时间。"
say "$prompts/leave-a-message.wav"  f4 195 55 "请在提示音后留言，留言将被录音，说完请按井号键。"
say "$prompts/message-thanks.wav"   f4 195 55 "您的留言已经收到，再见。"
say "$prompts/survey.wav"           f4 195 55 "请对本次服务评价，非常满意请按五，不满意请按一。"
say "$prompts/survey-thanks.wav"    f4 195 55 "感谢您的评价，再见。"
# Ours as well: a broken chord, up and down, over and over.
sox -R -n -r 8000 -c 1 -b 16 -e signed-integer "$prompts/hold-music.wav" \
    synth 0.4 pluck C4 : synth 0.4 pluck E4 : synth 0.4 pluck G4 : synth 0.4 pluck C5 : \
    synth 0.4 pluck G4 : synth 0.4 pluck E4 : synth 0.4 pluck D4 : synth 0.4 pluck F4 : \
    synth 0.4 pluck A4 : synth 0.4 pluck D5 : synth 0.4 pluck A4 : synth 0.4 pluck F4
