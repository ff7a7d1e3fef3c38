// tools/diff/sbd: one part of a patch in the fast form, unpacked, a number or some bytes at a time.
#pragma once

#include <optional>

#include "tools/diff/codec_mixed.hpp"
#include "tools/diff/codec_zstd.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/sbd/fast_form.hpp"
#include "tools/diff/sbd/varints.hpp"

namespace sb::diff {

class FastInput {
public:
    /// The part at [from, from + bytes) of the patch, which outlives this.
    FastInput(Reader& patch, Packing packing, std::uint32_t from, std::uint32_t bytes)
        : from_(from), packed_(patch, from, bytes), buffer_(buffer_bytes) {
        if (packing == Packing::zstd)
            stream_ = &zstd_.emplace(packed_, fast_window_log2);
        else
            stream_ = &mixed_.emplace(packed_);
    }
    FastInput(const FastInput&) = delete;
    FastInput& operator=(const FastInput&) = delete;

    /// All throw PatchError where the part ends too early or is none.
    [[nodiscard]] std::uint8_t byte() {
        if (used_ == held_) fill();
        return buffer_[used_++];
    }
    [[nodiscard]] std::uint32_t number() {
        std::uint32_t value = 0;
        if (!read_varint([this] { return byte(); }, value)) refuse(Error::malformed, from_);
        return value;
    }
    void read(MutableBytes to) {
        while (!to.empty()) {
            if (used_ == held_) fill();
            const std::size_t count = std::min(to.size(), held_ - used_);
            copy(to.first(count), Bytes(buffer_).subspan(used_, count));
            used_ += count;
            to = to.subspan(count);
        }
    }
    /// Reads to the end and says how many bytes there were: `most` at most, or it throws PatchError.
    [[nodiscard]] std::uint64_t count_all(std::uint64_t most) {
        std::uint64_t bytes = held_ - used_;
        for (std::size_t count = 0; bytes <= most && (count = more()) != 0;) bytes += count;
        if (bytes > most) refuse(Error::trailing_data, from_);
        used_ = held_ = 0;
        return bytes;
    }
    /// Throws PatchError where there is more, or the frame does not end.
    void expect_end() {
        if (used_ != held_ || more() != 0) refuse(Error::trailing_data, from_);
    }

private:
    static constexpr std::size_t buffer_bytes = std::size_t{1} << 14;

    [[nodiscard]] std::size_t more() {
        const auto count = stream_->read(buffer_);
        if (!count) refuse(count.error(), from_);
        return *count;
    }
    void fill() {
        used_ = 0;
        held_ = more();
        if (held_ == 0) refuse(Error::truncated, from_);
    }

    std::uint32_t from_;
    RangeStream packed_;
    std::optional<ZstdStream> zstd_;  // one of the two
    std::optional<MixedStream> mixed_;
    ByteStream* stream_ = nullptr;
    std::vector<std::uint8_t> buffer_;
    std::size_t used_ = 0, held_ = 0;
};

}  // namespace sb::diff
