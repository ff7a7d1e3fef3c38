#include "core/delta/hdiff_header.hpp"

#include "core/delta/hdiff_number.hpp"

namespace sb {
namespace {

constexpr std::size_t max_name_bytes = 16;

/// Compares the magic and takes the name behind it; `at` moves behind the name's zero byte.
Result<std::string_view> read_name(Bytes head, std::string_view magic, std::uint32_t& at) {
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (!text.starts_with(magic)) return fail(text.size() < magic.size() ? Error::truncated : Error::malformed);
    std::size_t end = magic.size();
    while (end < text.size() && text[end] != 0) ++end;
    const std::size_t length = end - magic.size();
    if (length > max_name_bytes) return fail(Error::malformed);
    if (end == text.size()) return fail(Error::truncated);
    at = static_cast<std::uint32_t>(end + 1);
    return std::string_view(text.data() + magic.size(), length);
}

Result<void> read_number(Bytes head, std::uint32_t& at, std::uint32_t& to) {
    SB_TRY_ASSIGN(const HdiffNumber number, read_hdiff_number(head, at));
    to = number.whole_value();
    return {};
}

Result<void> read_part(Bytes head, std::uint32_t& at, HdiffPart& to) {
    SB_TRY(read_number(head, at, to.plain_bytes));
    return read_number(head, at, to.packed_bytes);
}

/// Whether header and parts are what the patch is made of.
Result<void> check_length(std::uint64_t announced, std::uint32_t patch_bytes) {
    if (announced > patch_bytes) return fail(Error::truncated);
    if (announced < patch_bytes) return fail(Error::trailing_data);
    return {};
}

}  // namespace

Result<HdiffPartsHeader> parse_hdiff_parts_header(Bytes head, std::uint32_t patch_bytes) {
    HdiffPartsHeader header;
    std::uint32_t at = 0;
    SB_TRY_ASSIGN(header.compression, read_name(head, hdiff_parts_magic, at));
    for (std::uint32_t* to : {&header.new_bytes, &header.old_bytes, &header.covers}) SB_TRY(read_number(head, at, *to));
    std::uint64_t announced = 0;
    for (HdiffPart* part : {&header.cover_numbers, &header.runs, &header.values, &header.fresh}) {
        SB_TRY(read_part(head, at, *part));
        announced += part->stored_bytes();
    }
    header.bytes = at;
    SB_TRY(check_length(announced + at, patch_bytes));
    return header;
}

Result<HdiffStepsHeader> parse_hdiff_steps_header(Bytes head, std::uint32_t patch_bytes) {
    HdiffStepsHeader header;
    std::uint32_t at = 0;
    SB_TRY_ASSIGN(header.compression, read_name(head, hdiff_steps_name, at));
    for (std::uint32_t* to : {&header.new_bytes, &header.old_bytes, &header.covers, &header.step_bytes})
        SB_TRY(read_number(head, at, *to));
    SB_TRY(read_part(head, at, header.steps));
    header.bytes = at;
    SB_TRY(check_length(std::uint64_t{at} + header.steps.stored_bytes(), patch_bytes));
    return header;
}

}  // namespace sb
