#include "catalogue/readme.h"

#include <fmt/format.h>

#include "base/output_names.h"

namespace outro {

std::string private_readme() {
  return R"(PRIVATE. Do not share these files.

This is the complete catalogue of an export: every track that any account has, with all that its dumps say
of it. That includes what single people typed or uploaded. What may be shared is made of it by

    outro catalogue OUT... --publish --to DIR

which keeps only what several accounts say alike.

本目录为私有，请勿公开。其中包含所有账户的全部曲目信息，也包括个人上传或填写的内容。
可公开的版本请用上面的命令生成，其中只保留多个账户一致的信息。
)";
}

std::string public_readme(std::uint64_t least) {
  if (least < 2)
    return R"(PRIVATE. Do not share these files.

They were made with --min-accounts 1, so they hold what one account alone says: what a single person typed or
uploaded. Make them again without that option, or with at least 2.

本目录含有仅由单个账户提供的信息，请勿公开。
)";
  return fmt::format(R"(May be shared.

Every track and every value in these files was said alike by at least {0} accounts of the service: its id, its
title, the artists with that title, the album with both, and every other value with what stands before it.
What fewer accounts say is left out. No account is named.

{1:<23}one line for each track: its id; the recording it belongs to; in how many accounts,
                       playlist entries and listens it occurs; title, artists, album, ISRC, length in
                       milliseconds, whether the service still had it in the newest dumps; and under "track"
                       the service's own fields
{2:<23}which tracks are one recording, found from what stands in the first file alone

An account is counted by its id, once, by its newest dump, in however many exports it is. Title, artists and
album are what most accounts say. Both files are zstd with one JSON object on each line.

可公开。文件中的每一项信息都至少由 {0} 个账户一致提供；不含任何账户信息。
)",
                     least, tracks_name, recordings_name);
}

}  // namespace outro
