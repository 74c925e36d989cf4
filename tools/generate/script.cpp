#include "script.h"

#include <algorithm>
#include <array>
#include <utility>

namespace outro::generate {

namespace {

using std::string_view_literals::operator""sv;

/// Bytes of the UTF-8 sequence that `lead` begins.
std::size_t sequence_length(char lead) {
  const auto c = static_cast<unsigned char>(lead);
  if (c < 0x80) return 1;
  if (c < 0xe0) return 2;
  return c < 0xf0 ? 3 : 4;
}

/// Pairs of characters, one after another: simplified, traditional. Only pairs whose second character
/// maps back to the first alone are listed.
constexpr std::string_view simplified_traditional =
    "梦夢时時间間遥遙远遠独獨乡鄉东東风風云雲边邊黄黃樱櫻蓝藍红紅绿綠银銀无無声聲长長暂暫疯瘋骄驕简簡单單丽麗"
    "温溫炽熾热熱遗遺亲親爱愛飞飛转轉烧燒数數对對码碼头頭机機场場铁鐵车車旧舊岁歲点點恋戀诗詩国國骑騎恶惡"
    "灵靈泪淚拥擁谎謊书書电電话話谣謠摇搖篮籃进進脚腳颜顏灯燈烟煙园園岛島屿嶼阳陽马馬门門顶頂楼樓桥橋终終"
    "离離尽盡华華气氣别別约約选選择擇问問题題戏戲给給听聽还還吗嗎请請说說见見会會记記谁誰觉覺张張陈陳刘劉"
    "赵趙吴吳郑鄭孙孫罗羅谢謝许許邓鄧萧蕭叶葉苏蘇杨楊龙龍乐樂队隊团團鱼魚鸟鳥龟龜欢歡晓曉伟偉军軍静靜"
    "杰傑凤鳳莹瑩颖穎宁寧泽澤贤賢兰蘭语語词詞鲜鮮艺藝术術经經续續专專辑輯录錄钢鋼轮輪滨濱"
    "亚亞诺諾维維纳納贝貝尔爾苍蒼穷窮壮壯势勢决決战戰圣聖节節庆慶宝寶贵貴财財运運过過里裏为為们們这這样樣"sv;

std::string map_pairs(std::string_view text, std::string_view pairs) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text[i]);
    const std::string_view character = text.substr(i, length);
    std::string_view mapped = character;
    for (std::size_t p = 0; length > 1 && p < pairs.size();) {
      const std::size_t from = sequence_length(pairs[p]);
      const std::size_t to = sequence_length(pairs[p + from]);
      if (pairs.substr(p, from) == character) {
        mapped = pairs.substr(p + from, to);
        break;
      }
      p += from + to;
    }
    out += mapped;
    i += length;
  }
  return out;
}

void append_utf8(std::string& out, unsigned code) {
  out += static_cast<char>(0xe0U | (code >> 12));
  out += static_cast<char>(0x80U | ((code >> 6) & 0x3fU));
  out += static_cast<char>(0x80U | (code & 0x3fU));
}

/// Full-width katakana, each with its half-width spelling (one or two characters, ended by a blank).
constexpr std::string_view half_width_kana =
    "アｱ イｲ ウｳ エｴ オｵ カｶ キｷ クｸ ケｹ コｺ サｻ シｼ スｽ セｾ ソｿ タﾀ チﾁ ツﾂ テﾃ トﾄ ナﾅ ニﾆ ヌﾇ ネﾈ ノﾉ "
    "ハﾊ ヒﾋ フﾌ ヘﾍ ホﾎ マﾏ ミﾐ ムﾑ メﾒ モﾓ ヤﾔ ユﾕ ヨﾖ ラﾗ リﾘ ルﾙ レﾚ ロﾛ ワﾜ ヲｦ ンﾝ ァｧ ィｨ ゥｩ ェｪ ォｫ "
    "ャｬ ュｭ ョｮ ッｯ ーｰ ガｶﾞ ギｷﾞ グｸﾞ ゲｹﾞ ゴｺﾞ ザｻﾞ ジｼﾞ ズｽﾞ ゼｾﾞ ゾｿﾞ ダﾀﾞ デﾃﾞ ドﾄﾞ バﾊﾞ ビﾋﾞ ブﾌﾞ "
    "ベﾍﾞ ボﾎﾞ パﾊﾟ ピﾋﾟ プﾌﾟ ペﾍﾟ ポﾎﾟ ヴｳﾞ "sv;

}  // namespace

std::string to_traditional(std::string_view text) {
  return map_pairs(text, simplified_traditional);
}

std::string to_full_width(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      append_utf8(out, 0x3000);
    } else if (c > 0x20 && c < 0x7f) {
      append_utf8(out, 0xff00U + static_cast<unsigned>(c) - 0x20U);
    } else {
      out += c;
    }
  }
  return out;
}

std::string to_half_width_kana(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text[i]);
    const std::string_view character = text.substr(i, length);
    i += length;
    std::string_view mapped = character;
    for (std::size_t p = 0; length == 3 && p < half_width_kana.size();) {
      const std::size_t end = half_width_kana.find(' ', p);
      if (half_width_kana.substr(p, 3) == character) {
        mapped = half_width_kana.substr(p + 3, end - p - 3);
        break;
      }
      p = end + 1;
    }
    out += mapped;
  }
  return out;
}

std::string to_upper_ascii(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::string to_lower_ascii(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace outro::generate
