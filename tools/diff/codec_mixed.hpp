// tools/diff: packs bytes by context mixing (docs/sbd.md, "Mixed parts"): what the last bytes say about the next bit is
// weighed by how well each of them knew before. Some percent smaller than zstd, at some MB/s; for parts of patches,
// which are short.
#pragma once

#include <memory>
#include <vector>

#include "core/delta/patch_source.hpp"

namespace sb::diff {

/// All that was learned is forgotten after so many bytes.
inline constexpr std::uint32_t mixed_window_bytes = 1U << 20;

/// Requires: less than 4 GiB.
[[nodiscard]] std::vector<std::uint8_t> pack_mixed(Bytes plain);

class MixedStream final : public ByteStream {
public:
    /// Requires: `packed` outlives the stream. Memory: 0.6 MB.
    explicit MixedStream(ByteStream& packed);
    ~MixedStream();
    MixedStream(const MixedStream&) = delete;
    MixedStream& operator=(const MixedStream&) = delete;

    /// Errors: malformed, truncated, trailing_data, those of `packed`.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sb::diff
