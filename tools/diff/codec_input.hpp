// tools/diff: what the streams that unpack have in common: packed bytes, a buffer at a time.
#pragma once

#include <vector>

#include "core/delta/patch_source.hpp"

namespace sb::diff {

class PackedInput {
public:
    explicit PackedInput(ByteStream& from) : from_(from), buffer_(1U << 14) {}

    /// What was read and not taken; reads on when there is nothing. Empty at the end.
    [[nodiscard]] Result<Bytes> held() {
        if (used_ == held_) {
            SB_TRY_ASSIGN(held_, from_.read(buffer_));
            used_ = 0;
        }
        return Bytes(buffer_).subspan(used_, held_ - used_);
    }
    void take(std::size_t count) { used_ += count; }

    [[nodiscard]] Result<std::uint8_t> byte() {
        SB_TRY_ASSIGN(const Bytes bytes, held());
        if (bytes.empty()) return fail(Error::truncated);
        take(1);
        return bytes[0];
    }
    /// Errors: trailing_data when there are packed bytes left.
    [[nodiscard]] Result<void> at_end() {
        SB_TRY_ASSIGN(const Bytes bytes, held());
        if (!bytes.empty()) return fail(Error::trailing_data);
        return {};
    }

private:
    ByteStream& from_;
    std::vector<std::uint8_t> buffer_;
    std::size_t used_ = 0, held_ = 0;
};

}  // namespace sb::diff
