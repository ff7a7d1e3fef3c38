#include "tools/diff/endsley_writer.hpp"

#include "core/delta/endsley_stream.hpp"

namespace sb::diff {
namespace {

class Writer {
public:
    Writer(Bytes old, Bytes new_image, std::size_t segment_bytes)
        : old_(old), new_(new_image), segment_bytes_(segment_bytes) {}

    void triple(std::size_t diff, std::size_t extra, std::size_t from, std::size_t to) {
        number(diff, false);
        number(extra, false);
        number(to >= from ? to - from : from - to, to < from);
    }
    void diff(const Cover& cover) {
        for (std::size_t i = 0; i < cover.bytes; ++i)
            image_byte(static_cast<std::uint8_t>(new_[cover.new_at + i] - old_[cover.old_at + i]));
    }
    void extra(std::size_t from, std::size_t to) {
        for (; from < to; ++from) image_byte(new_[from]);
    }
    EndsleyText finish() {
        if (text_.cuts.empty() || text_.cuts.back() != text_.bytes.size()) text_.cuts.push_back(text_.bytes.size());
        if (text_.bytes.empty()) text_.cuts.clear();
        return std::move(text_);
    }

private:
    void number(std::size_t magnitude, bool negative) {
        std::uint8_t bytes[8];
        store_le(bytes, 0, std::uint64_t{magnitude} | std::uint64_t{negative} << 63);
        text_.bytes.insert(text_.bytes.end(), bytes, bytes + 8);
    }
    void image_byte(std::uint8_t byte) {
        text_.bytes.push_back(byte);
        ++made_;
        if (segment_bytes_ != 0 && made_ % segment_bytes_ == 0) text_.cuts.push_back(text_.bytes.size());
    }

    Bytes old_, new_;
    std::size_t segment_bytes_;
    std::size_t made_ = 0;
    EndsleyText text_;
};

}  // namespace

std::vector<std::uint8_t> endsley_header(std::size_t new_bytes) {
    std::vector<std::uint8_t> header(endsley_magic.begin(), endsley_magic.end());
    header.resize(endsley_header_bytes);
    store_le(MutableBytes(header), endsley_magic.size(), std::uint64_t{new_bytes});
    return header;
}

EndsleyText write_endsley(Bytes old, Bytes new_image, const Covers& covers, std::size_t segment_bytes) {
    Writer writer(old, new_image, segment_bytes);
    std::size_t old_at = 0;
    Cover present;  // the diff bytes of a triple come before its extra bytes; the first ones may be none
    for (std::size_t i = 0; i <= covers.size(); ++i) {
        const bool last = i == covers.size();
        const std::size_t extra_end = last ? new_image.size() : covers[i].new_at;
        const std::size_t next_old = last ? present.old_end() : covers[i].old_at;
        const std::size_t extra = extra_end - present.new_end();
        old_at = present.old_end();
        if (present.bytes + extra != 0) {
            writer.triple(present.bytes, extra, old_at, next_old);
            writer.diff(present);
            writer.extra(present.new_end(), extra_end);
        } else if (next_old != old_at) {
            writer.triple(0, 0, old_at, next_old);
        }
        if (!last) present = covers[i];
    }
    return writer.finish();
}

}  // namespace sb::diff
