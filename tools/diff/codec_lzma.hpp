// tools/diff: LZMA1 and LZMA2 as HDiffPatch writes them: the properties of the coder, then the bare stream.
//   lzma:  5 (how many bytes follow), lc + 9 * (lp + 5 * pb), dictionary size (4 bytes, low first), LZMA1 without end
//          marker
//   lzma2: dictionary size in LZMA2's one byte, LZMA2 chunks with the zero byte that ends them
#pragma once

#include <memory>
#include <vector>

#include "core/delta/patch_source.hpp"
#include "tools/diff/lzma_writer.hpp"

namespace sb::diff {

enum class LzmaKind { lzma1, lzma2 };

/// Packs with one setting, or with all that are worth a try, and keeps the smallest result. The dictionary holds all
/// of `plain` up to 64 MiB. Throws std::runtime_error when liblzma fails.
[[nodiscard]] std::vector<std::uint8_t> pack_lzma(Bytes plain, LzmaKind kind, Effort effort);

class LzmaStream final : public ByteStream {
public:
    /// `plain_bytes`: what is to come out; memory grows with it, up to 256 MiB. Requires: `packed` outlives the stream.
    LzmaStream(ByteStream& packed, LzmaKind kind, std::uint32_t plain_bytes);
    ~LzmaStream();
    LzmaStream(const LzmaStream&) = delete;
    LzmaStream& operator=(const LzmaStream&) = delete;

    /// Errors: malformed, truncated, trailing_data, too_large (a dictionary of more than 256 MiB), those of `packed`.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sb::diff
