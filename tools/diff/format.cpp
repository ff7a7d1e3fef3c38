#include "tools/diff/format.hpp"

#include <algorithm>
#include <memory>

namespace sb::diff {

const char* reason(Error why) {
    switch (why) {
        case Error::malformed:
            return "the patch is not well formed";
        case Error::truncated:
            return "the patch ends too early";
        case Error::too_large:
            return "the patch announces sizes of 4 GiB or more, or needs more memory";
        case Error::unsupported:
            return "the patch is of a version or kind that is not read here";
        case Error::trailing_data:
            return "there are bytes after the end of the patch";
        case Error::io:
            return "reading failed";
        default:
            return "the patch tries to make or read what it must not";
    }
}

Patch described(std::vector<std::uint8_t> bytes, PatchInfo (*inspect)(Bytes patch)) {
    PatchInfo info = inspect(bytes);
    return {std::move(bytes), std::move(info.format), info.payload, info.decoder_ram_bytes};
}

void refuse(Error why, std::uint64_t offset_bytes) {
    throw PatchError(why, offset_bytes, reason(why));
}

bool begins_with(Bytes bytes, Bytes magic) {
    return bytes.size() >= magic.size() && equal(bytes.first(magic.size()), magic);
}

void report(const DiffOptions& options, double fraction) {
    if (options.progress) options.progress(fraction);
}

std::vector<std::uint8_t> read_head(Reader& patch, std::uint32_t limit) {
    std::vector<std::uint8_t> head(std::min(patch.bytes(), limit));
    if (const auto read = patch.read(0, head); !read) refuse(read.error(), 0);
    return head;
}

namespace {

/// The patch, from some byte on, in pieces.
class Pieces {
public:
    Pieces(Reader& patch, std::uint32_t from) : patch_(patch), at_(from), buffer_(1U << 16) {}

    [[nodiscard]] Bytes held() const { return Bytes(buffer_).subspan(used_, held_ - used_); }
    [[nodiscard]] bool at_end() const { return at_ >= patch_.bytes(); }
    /// Offset of the first byte held.
    [[nodiscard]] std::uint64_t offset() const { return std::uint64_t{at_} - (held_ - used_); }
    void take(std::size_t count) { used_ += count; }

    /// Reads on, behind what is held.
    void more() {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(used_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(held_), buffer_.begin());
        held_ -= used_;
        used_ = 0;
        const auto count = std::min<std::size_t>(buffer_.size() - held_, patch_.bytes() - at_);
        if (const auto read = patch_.read(at_, MutableBytes(buffer_).subspan(held_, count)); !read)
            refuse(read.error(), at_);
        at_ += static_cast<std::uint32_t>(count);
        held_ += count;
    }

private:
    Reader& patch_;
    std::uint32_t at_;
    std::vector<std::uint8_t> buffer_;
    std::size_t used_ = 0, held_ = 0;
};

}  // namespace

void run_decoder(Decoder& decoder, Reader& patch, std::uint32_t from, Sink& out) {
    Pieces pieces(patch, from);
    std::vector<std::uint8_t> room(1U << 16);
    for (;;) {
        if (pieces.held().empty() && !pieces.at_end()) pieces.more();
        const auto progress = decoder.decode(pieces.held(), room);
        if (!progress) refuse(progress.error(), pieces.offset());
        pieces.take(progress->consumed);
        out.write(Bytes(room).first(progress->produced));
        if (progress->done) break;
        if (progress->consumed != 0 || progress->produced != 0) continue;
        if (pieces.at_end()) refuse(Error::truncated, patch.bytes());
        pieces.more();
    }
    if (!pieces.held().empty() || !pieces.at_end()) refuse(Error::trailing_data, pieces.offset());
}

void run_decoder(PullDecoder& decoder, Sink& out) {
    constexpr std::size_t room_bytes = std::size_t{1} << 16;
    const auto room = std::make_unique_for_overwrite<std::uint8_t[]>(room_bytes);
    for (;;) {
        const auto made = decoder.produce({room.get(), room_bytes});
        if (!made) refuse(made.error(), 0);
        if (*made == 0) return;
        out.write({room.get(), *made});
    }
}

}  // namespace sb::diff
