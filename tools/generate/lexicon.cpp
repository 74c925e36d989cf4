#include "lexicon.h"

#include <algorithm>

namespace outro::generate {

namespace {

using std::string_view_literals::operator""sv;

/// Splits a blank-separated list; `_` inside a word means a blank, and a lone `-` the empty word.
std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    std::string word(list.substr(0, end));
    if (word == "-") word.clear();
    for (char& c : word) {
      if (c == '_') c = ' ';
    }
    out.push_back(std::move(word));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

constexpr auto zh_first =
    "温柔 寂寞 夏天 城市 时间 遥远 孤独 明天 昨夜 故乡 南方 北方 东京 上海 台北 香港 青春 记忆 梦里 风中 "
    "雨后 云端 海边 "
    "山谷 星空 月光 黎明 黄昏 深夜 清晨 春天 秋天 冬天 樱花 玫瑰 蓝色 红色 白色 黑色 绿色 金色 银色 透明 "
    "无声 最初 第一次 "
    "永远 漫长 短暂 自由 疯狂 勇敢 骄傲 简单 平凡 美丽 沉默 温暖 冰冷 炽热 遗失 走失 熟悉 陌生 亲爱 流浪 "
    "飞翔 旋转 燃烧 "
    "破碎 完整 迷路 倒数 远方 对岸 彼岸 人间 世界 宇宙 银河 火星 地铁 车站 码头 机场 旧日 未来 童年 十七岁 "
    "二十岁 凌晨三点 "
    "下午 周末 假日 雪夜 长街 小巷"sv;
constexpr auto zh_link = "的 的 - 里的 与 和 不是 没有"sv;
constexpr auto zh_second =
    "恋人 朋友 姑娘 少年 孩子 旅人 歌手 诗人 国王 公主 骑士 天使 恶魔 精灵 影子 眼泪 微笑 拥抱 亲吻 誓言 "
    "谎言 秘密 故事 "
    "日记 书信 电话 照片 电影 歌谣 舞曲 情歌 摇篮曲 进行曲 钟声 雷声 雨声 风声 脚步 呼吸 心跳 温度 味道 颜色 "
    "光芒 灯火 "
    "烟火 花火 花园 森林 草原 沙漠 海洋 河流 岛屿 天空 云朵 彩虹 星星 月亮 太阳 列车 飞机 帆船 单车 马车 "
    "门口 窗台 屋顶 "
    "楼梯 房间 阳台 街道 路口 桥梁 终点 起点 方向 距离 尽头 岁月 年华 时光 瞬间 一生 爱情 友情 梦想 希望 "
    "勇气 遗憾 离别 "
    "重逢 约定 选择 答案 问题 理由 借口 玩笑 游戏"sv;
constexpr auto zh_tail =
    "之歌 没有了 还在吗 给你听 在等我 请回答 不说再见 不会忘记 三部曲 进行时 说明书 练习曲 备忘录 没有终点 "
    "和我 与他 在路上 "
    "回来了 又一年 从前 以后 第二章 别离开 到天明"sv;
constexpr auto zh_surname =
    "张 陈 刘 赵 吴 郑 孙 罗 谢 许 邓 萧 叶 苏 杨 林 王 李 周 朱 胡 高 何 郭 马 梁 宋 唐 韩 冯 曹 彭 曾 田 袁 潘 蔡 蒋 余 杜"sv;
constexpr auto zh_given =
    "晓 伟 军 静 杰 凤 莹 颖 宁 泽 贤 兰 明 芳 敏 丽 强 磊 洋 艳 勇 娜 涛 霞 平 刚 桂 英 华 玉 萍 红 玲 建 "
    "文 辉 力 雪 琳 "
    "晨 宇 浩 然 轩 涵 怡 佳 欣 梓 俊 嘉 思 雨 婷 子 若 一 可 心 语"sv;
constexpr auto zh_group = "乐队 合唱团 组合 乐团 工作室 兄弟 计划 俱乐部"sv;

constexpr auto ja_first =
    "夜明け 君 僕ら 桜 夏 涙 空 光 恋 海 雨 星 月 約束 未来 記憶 永遠 さよなら ありがとう 青春 世界 真夜中 "
    "放課後 ひまわり "
    "夕焼け 雪 風 花 翼 夢 ブルー レイニー サマー ミッドナイト スター メモリー ラスト ファースト 孤独 透明 "
    "銀河 東京 京都 最後 "
    "最初 水色 群青 茜色 金木犀 向日葵 夏休み 帰り道 坂道 交差点 改札口 屋上 教室 窓辺 ベランダ 午前二時 "
    "八月 十二月 雨上がり "
    "木漏れ日 流れ星 三日月 満月 花火 蛍 陽炎 入道雲 海辺 港町 遠い国 シーサイド グッバイ ハロー モノクロ "
    "カラフル "
    "シャングリラ ユートピア パラレル ネオン ノスタルジア スロウ キミ ボク アノヒ センチメンタル"sv;
constexpr auto ja_link = "の の と へ が に咲く を越えて ときどき"sv;
constexpr auto ja_second =
    "歌 物語 向こう側 かけら 軌跡 行方 影 色 カケラ メロディ リズム パレード ダンス レター ロケット 扉 鍵 "
    "階段 旅 列車 街 窓 "
    "魔法 手紙 言葉 声 瞳 奇跡 始まり 終わり 温度 匂い 足音 鼓動 体温 約束の日 秘密 嘘 願い 祈り 憧れ 背中 "
    "横顔 指先 合図 "
    "サイン シグナル ステップ ワルツ セレナーデ ラプソディ シンフォニー プレリュード エンドロール カーテン "
    "ソーダ キャンディ "
    "ミルク コーヒー レモネード 迷路 地図 羅針盤 灯台 船 翼 風船 飛行機 自転車 各駅停車 夏祭り 浴衣 線香花火 "
    "金魚 朝顔 蝉時雨 "
    "夕凪 潮騒 砂時計 砂浜 波音 貝殻 水平線 地平線 青空 夜空 星座 惑星"sv;
constexpr auto ja_tail =
    "だけ なのに でいて を君に まで より から だった になれ を待つ は知らない が好き と踊る を探して に帰る "
    "が消えた も君も "
    "じゃない のまま の続き と僕 へ行こう を歌え のそば"sv;
constexpr auto ja_surname =
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 清水 山崎 森 "
    "池田 橋本 阿部 "
    "石川 前田 藤田 小川 岡田 後藤 長谷川 村上 近藤 石井 坂本 遠藤 青木 藤井 西村 福田"sv;
constexpr auto ja_given =
    "陽菜 結衣 美咲 葵 凛 さくら 花音 愛 彩 舞 恵 直樹 健太 翔 大輔 拓也 亮 誠 剛 学 悠 蓮 湊 陸 樹 颯 隼人 "
    "奏 響 空 海斗 "
    "みゆき ゆり あかり ひかり しおり なつみ まゆ りえ ななせ"sv;
constexpr auto ja_group = "バンド オーケストラ 楽団 クラブ ユニット シスターズ ブラザーズ"sv;

constexpr auto en_first =
    "Midnight Golden Broken Silver Electric Lonely Velvet Crystal Summer Winter Northern Southern Hollow "
    "Burning Frozen "
    "Silent Wild Gentle Restless Faded Neon Paper Plastic Diamond Crimson Emerald Scarlet Violet Cosmic "
    "Lunar Solar "
    "Stellar Sacred Secret Hidden Endless Timeless Fearless Reckless Careless Sleepless Wandering Falling "
    "Rising "
    "Drifting Dancing Running Waiting Dreaming Crying Laughing Whispering Shining Fading Breaking "
    "Live_Forever Cover_Me "
    "Ain't_No Don't_Stop_the I'm_Your You're_My Café Déjà_Vu Naïve Señorita Sunday Monday Tuesday Friday "
    "Saturday "
    "April August October December Yesterday Tomorrow Tonight Forever Never Always Almost Maybe Sweet Bitter "
    "Heavy "
    "Light Dark Bright Blue Red Black White Green Yellow Purple Orange"sv;
constexpr auto en_link = "_ _ _ _of_ _in_the_ _and_ _without_a_ _for_your_"sv;
constexpr auto en_second =
    "Heart Lights Road River Ocean Mountain Valley Desert Island Harbor City Street Highway Train Airplane "
    "Rocket Ship "
    "Sailor Soldier Dancer Dreamer Lover Stranger Angel Devil Ghost Shadow Mirror Window Door Garden Forest "
    "Flower Rose "
    "Lily Thunder Lightning Rain Snow Storm Wind Fire Water Smoke Ashes Dust Stone Glass Steel Gold Silver "
    "Moon Sun "
    "Stars Sky Clouds Rainbow Horizon Sunrise Sunset Morning Evening Night Dawn Dusk Season Memory Promise "
    "Secret Story "
    "Letter Postcard Photograph Melody Rhythm Chorus Anthem Lullaby Serenade Waltz Symphony Silence Echo "
    "Whisper Scream "
    "Laughter Tears Smile Kiss Touch Embrace Goodbye Hello Freedom Glory Paradise Wonderland"sv;
constexpr auto en_tail =
    "_Again _Tonight _Forever _Tomorrow _Blues _Song _Avenue _Parade _Machine _Theory _Season _Story _Club "
    "_Radio _Hotel "
    "_Express _No._5 _for_Two _&_Me _at_Dawn _in_July _Revisited _Boulevard _Rendezvous"sv;
constexpr auto en_surname =
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Martinez Lopez Wilson Anderson Thomas Taylor "
    "Moore Jackson "
    "Martin Lee Perez Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Torres "
    "Nguyen Hill "
    "O'Connor Björk Beyoncé Müller Dvořák Sørensen"sv;
constexpr auto en_given =
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan "
    "Joseph Jessica "
    "Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Ashley "
    "Donald Emily Steven "
    "Kimberly Andrew Donna Paul Michelle Joshua Amanda"sv;
constexpr auto en_group = "_Band _Orchestra _Brothers _Sisters _Quartet _Collective _Project _Trio"sv;

std::string_view pick(const std::vector<std::string>& pool, random_stream& random) {
  return pool[random.below(pool.size())];
}

}  // namespace

lexicon::lexicon() {
  word_set& zh = sets_[static_cast<std::size_t>(script::simplified)];
  zh = {split(zh_first),   split(zh_link),  split(zh_second), split(zh_tail),
        split(zh_surname), split(zh_given), split(zh_group)};
  word_set& hant = sets_[static_cast<std::size_t>(script::traditional)];
  hant = zh;
  for (auto* pool :
       {&hant.first, &hant.link, &hant.second, &hant.tail, &hant.surname, &hant.given, &hant.group}) {
    for (std::string& word : *pool) word = to_traditional(word);
  }
  sets_[static_cast<std::size_t>(script::japanese)] = {split(ja_first), split(ja_link),    split(ja_second),
                                                       split(ja_tail),  split(ja_surname), split(ja_given),
                                                       split(ja_group)};
  sets_[static_cast<std::size_t>(script::english)] = {split(en_first), split(en_link),    split(en_second),
                                                      split(en_tail),  split(en_surname), split(en_given),
                                                      split(en_group)};
}

void lexicon::append_title(std::string& out, script in, random_stream& random) const {
  const word_set& set = words(in);
  out += pick(set.first, random);
  out += pick(set.link, random);
  out += pick(set.second, random);
  const std::string_view tail = pick(set.tail, random);
  if (random.chance(0.6)) out += tail;
}

void lexicon::append_album(std::string& out, script in, random_stream& random) const {
  const word_set& set = words(in);
  out += pick(set.first, random);
  const bool longer = random.chance(0.5);
  const std::string_view link = pick(set.link, random);
  const std::string_view second = pick(set.second, random);
  if (longer) {
    out += link;
    out += second;
  }
  if (random.chance(0.1)) out += in == script::english ? ", Vol. 2" : " Ⅱ";
}

void lexicon::append_artist(std::string& out, script in, random_stream& random) const {
  const word_set& set = words(in);
  const std::uint64_t form = random.below(100);
  const std::string_view surname = pick(set.surname, random);
  const std::string_view given = pick(set.given, random);
  const std::string_view other = pick(set.given, random);
  const std::string_view word = pick(set.first, random);
  const std::string_view second = pick(set.second, random);
  if (form < 22) {  // a group
    out += word;
    if (in == script::english) out += ' ';
    out += second;
    out += pick(set.group, random);
  } else if (form < 24) {  // a name with a slash that is not a separator, as in AC/DC
    out += to_upper_ascii(given.substr(0, in == script::english ? 2 : 3));
    out += '/';
    out += to_upper_ascii(other.substr(0, in == script::english ? 2 : 3));
  } else if (in == script::english) {
    out += given;
    out += ' ';
    if (form < 60) {
      out += other[0];
      out += ". ";
    }
    out += surname;
  } else {
    out += surname;
    if (in == script::japanese && form < 60) out += ' ';
    out += given;
    if (in != script::japanese && form < 80) out += other;
  }
}

}  // namespace outro::generate
