#include <span>

#include "lexicon.h"

namespace outro::generate::phrases {

namespace {

std::string_view pick(std::span<const std::string_view> pool, random_stream& random) {
  return pool[random.below(pool.size())];
}

constexpr std::string_view notes[] = {
    R"(循环一整天)",
    R"(前奏一响就哭了)",
    R"(给 L 的歌)",
    R"(2015 年夏天，毕业)",
    R"(下雨天听 🌧)",
    R"(副歌太好听了！！)",
    R"(地铁上听到的，找了三年)",
    R"(=SUM(1,2) 数学课上听)",
    R"(\"一定要听完\")",
    R"(第 3 分 20 秒)",
    R"(放課後に聞いた)",
    R"(best bridge ever)",
    R"(caf\u00e9 playlist)",
    R"(和爸爸一起听过)",
    R"(＠everyone 推荐)",
    R"(-1 首就够)",
    R"(現場聽過，回不去了)",
    R"(A\/B 面都好)",
    R"(\ud83d\ude2d\ud83d\ude2d)",
    R"(失恋\n失恋\n失恋)",
    R"(作业 BGM)",
    R"(。)",
    R"(跑步时听, 节奏刚好)",
    R"(❤️)",
};

constexpr std::string_view comments[] = {
    R"(谢谢虾米，陪我十年。)",
    R"(这首歌让我想起大学宿舍的夜晚，室友在弹吉他，窗外下着雨。)",
    R"(泪目)",
    R"(抢个沙发~)",
    R"(听了 1000 遍，还是喜欢 \"那一句\"。)",
    R"(This album changed my life, no kidding.)",
    R"(この曲を聴くと元気が出る)",
    R"(為什麼要關閉？捨不得。)",
    R"(再见虾米 👋👋👋)",
    R"(http:\/\/www.xiami.com\/song\/1769402049 也很好听)",
    R"(编曲、混音、词曲都是一流。人声有点靠后，但这正是它的好处：像隔着一层雾。)",
    R"(<b>顶</b> &amp; 转发)",
    R"(＋１)",
    R"(@小虾 你也来听)",
    R"(Tr\u00e8s bien!)",
    R"(不同意楼上\n这首明明是现场版更好)",
    R"(🦐)",
    R"(考研加油！)",
};

constexpr std::string_view descriptions[] = {
    R"()",
    R"(一个人的时候听)",
    R"(Rock &amp; Roll 不死)",
    R"(收集那些&quot;被遗忘&quot;的好歌，随缘更新，欢迎投稿。)",
    R"(写作业 \/ 看书 \/ 发呆)",
    R"(<p>献给所有失眠的人。<\/p>\r\n<p>I &lt;3 music<\/p>)",
    R"(ドライブ用)",
    R"(這些年，我們一起聽過的歌。)",
    R"(for Caf\u00e9 mornings &#39;til noon)",
    R"(2013-2020 单曲循环\n每年一首)",
    R"(🎧 夜跑 5km，配速 6'00\")",
    R"(#民谣# #后摇#)",
    R"(如果你也喜欢这种慢慢铺开的吉他声，那我们大概可以做朋友。第一首到最后一首是按照一次旅行的顺序排的，请不要随机播放。)",
};

constexpr std::string_view collect_names[] = {
    "我的最爱",
    "单曲循环",
    "夜跑歌单",
    "民谣在路上",
    "日系清新 ☀",
    "ACG 神曲",
    "Work & Study",
    "雨天",
    "失眠夜",
    "Post-Rock",
    "粤语经典",
    "華語金曲",
    "2014",
    "给未来的自己",
    "A/B Test",
    "电影原声 (OST)",
    "爵士 Jazz",
    "古典入门：巴赫",
    "健身房 \\\"燃\\\"",
    "ドライブ",
    "ゲーム音楽",
    "＝＝＝",
    "👶 胎教",
    "不知道叫什么",
    "COM1",
    "昨日重现...",
    "小语种|冷门",
    "新建精选集",
    "test",
    "80后的回忆",
    "睡前30分钟",
    "Summer Vibes*",
};

constexpr std::string_view nick_names[] = {
    "小虾", "虾米用户", "深海鱼", "摇滚青年", "听风的人",  "阿Ben",  "Mr.Wang",        "夏目", "ねこ",
    "もも", "Alice",    "Kevin",  "林深见鹿", "一只猫🐱",   "路人甲", "Ｄｒｅａｍｅｒ", "孤島", "北方的狼",
    "DJ_",  "豆瓣酱",   "柚子",   "O'Neil",   "Zo\\u00eb", "半夏",   "不吃香菜",
};

constexpr std::string_view tags[] = {
    "流行", "摇滚", "民谣",      "电子", "日语", "欧美", "粤语", "轻音乐",
    "ACG",  "R&B",  "Hip\\/Hop", "安静", "伤感", "怀旧", "驾车", "后摇",
};

constexpr std::string_view sources[] = {
    "原曲:夜明けの歌",      "原曲:月光",
    "原曲：ラストダンス",   "电视剧《城市之光》片头曲",
    "电影《远方》主题曲",   "アニメ「星空」OP",
    "游戏《银河列车》原声", "TVアニメ『夏の軌跡』EDテーマ",
    "動畫《風中》插曲",     "from \"The Long Road\"",
    "《好声音》第三期",
};

constexpr std::string_view provinces[] = {"浙江", "北京", "上海", "广东", "四川", "江苏",
                                          "湖北", "台灣", "香港", "海外", ""};
constexpr std::string_view cities[] = {"杭州", "朝阳", "徐汇", "广州",  "成都", "南京",
                                       "武汉", "台北", "九龍", "Tokyo", ""};

}  // namespace

std::string_view note(random_stream& random) {
  return pick(notes, random);
}
std::string_view comment(random_stream& random) {
  return pick(comments, random);
}
std::string_view description(random_stream& random) {
  return pick(descriptions, random);
}
std::string_view collect_name(random_stream& random) {
  return pick(collect_names, random);
}
std::string_view nick_name(random_stream& random) {
  return pick(nick_names, random);
}
std::string_view tag(random_stream& random) {
  return pick(tags, random);
}
std::string_view source_of_song(random_stream& random) {
  return pick(sources, random);
}
std::string_view province(random_stream& random) {
  return pick(provinces, random);
}
std::string_view city(random_stream& random) {
  return pick(cities, random);
}

}  // namespace outro::generate::phrases
