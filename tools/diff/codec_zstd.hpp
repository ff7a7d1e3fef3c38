// tools/diff: Zstandard: one frame (RFC 8878), as HDiffPatch writes it.
#pragma once

#include <memory>
#include <vector>

#include "core/delta/patch_source.hpp"

namespace sb::diff {

struct ZstdEffort {
    int level = 0;         ///< of libzstd; 0: the highest
    int window_log2 = 27;  ///< at most; smaller where that holds all
};

/// Throws std::runtime_error when libzstd fails.
[[nodiscard]] std::vector<std::uint8_t> pack_zstd(Bytes plain, const ZstdEffort& effort = {});

class ZstdStream final : public ByteStream {
public:
    static constexpr int usual_window_log2 = 28;
    /// Requires: `packed` outlives the stream.
    explicit ZstdStream(ByteStream& packed, int most_window_log2 = usual_window_log2);
    ~ZstdStream();
    ZstdStream(const ZstdStream&) = delete;
    ZstdStream& operator=(const ZstdStream&) = delete;

    /// Errors: malformed, truncated, trailing_data, those of `packed`. A larger window is malformed.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sb::diff
