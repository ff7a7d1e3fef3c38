#include "tools/diff/hpatchlite_writer.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

/// 7 bits a byte, high ones first, top bit on all but the last. The first byte has `tag` on top and, below its bit for
/// more, only as many bits as are left.
void put_number(Buffer& to, std::size_t number, unsigned tag = 0, unsigned tag_bits = 0) {
    const unsigned first_bits = 7 - tag_bits;
    unsigned following = 0;
    while (number >> (following * 7) >> first_bits != 0) ++following;
    std::size_t byte = std::size_t{tag} << (8 - tag_bits) | number >> (following * 7);
    if (following != 0) byte |= std::size_t{1} << first_bits;
    to.push_back(static_cast<std::uint8_t>(byte));
    while (following-- != 0)
        to.push_back(static_cast<std::uint8_t>((number >> (following * 7) & 0x7f) | (following != 0 ? 0x80 : 0)));
}

void put_size(Buffer& to, std::size_t size, unsigned width) {
    for (unsigned i = 0; i < width; ++i) to.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
}

unsigned width_of(std::size_t size) {
    unsigned width = 0;
    while (size >> (8 * width) != 0) ++width;
    return width;
}

CoverText put_cover(Buffer& to, Bytes old, Bytes new_image, const Cover& cover, const Cover& last) {
    const Bytes was = old.subspan(cover.old_at, cover.bytes);
    const Bytes is = new_image.subspan(cover.new_at, cover.bytes);
    const bool unchanged = equal(was, is);
    const bool back = cover.old_at < last.old_end();
    CoverText text;
    text.at = to.size();
    put_number(to, cover.bytes);
    const unsigned flags = (unchanged ? 2U : 0U) | (back ? 1U : 0U);
    put_number(to, back ? last.old_end() - cover.old_at : cover.old_at - last.old_end(), flags, 2);
    put_number(to, cover.new_at - last.new_end());
    text.gap_at = to.size();
    const Bytes before = new_image.subspan(last.new_end(), cover.new_at - last.new_end());
    to.insert(to.end(), before.begin(), before.end());
    text.differences_at = to.size();
    if (!unchanged)
        for (std::size_t i = 0; i < cover.bytes; ++i) to.push_back(static_cast<std::uint8_t>(is[i] - was[i]));
    text.end = to.size();
    return text;
}

}  // namespace

Buffer hpatchlite_header(HpatchliteCompression compression, std::size_t new_bytes, std::size_t plain_bytes) {
    constexpr unsigned version = 1;
    const unsigned new_width = width_of(new_bytes), plain_width = width_of(plain_bytes);
    Buffer header{'h', 'I', static_cast<std::uint8_t>(compression),
                  static_cast<std::uint8_t>(version << 6 | plain_width << 3 | new_width)};
    put_size(header, new_bytes, new_width);
    put_size(header, plain_bytes, plain_width);
    return header;
}

Buffer write_hpatchlite(Bytes old, Bytes new_image, const Covers& covers, std::vector<CoverText>* texts) {
    Covers all = covers;
    const Cover end = covers.empty() ? Cover{} : covers.back();
    if (end.new_end() != new_image.size()) all.push_back({new_image.size(), end.old_end(), 0});
    Buffer stream;
    put_number(stream, all.size());
    Cover last;
    for (const Cover& cover : all) {
        const CoverText text = put_cover(stream, old, new_image, cover, last);
        if (texts != nullptr) texts->push_back(text);
        last = cover;
    }
    return stream;
}

}  // namespace sb::diff
