#include "tools/diff/sbd/rewriter.hpp"

#include <algorithm>

#include "core/delta/sbd/all_fields.hpp"
#include "tools/diff/sbd/table_fields.hpp"

namespace sb::diff {

using sbd::Architecture;
using sbd::Field;
using sbd::Side;

template <class Fields>
void Rewriter::rewrite_with(const ImagePart& image, const Run& run) const {
    constexpr std::uint32_t unaligned = Fields::alignment - 1;
    if (((run.at ^ run.new_at) & unaligned) != 0) return;
    const auto end = static_cast<std::uint32_t>(run.made.size());
    for (std::uint32_t into = (0 - run.at) & unaligned; into < end;) {
        const std::uint32_t at = run.at + into, to = run.new_at + into;
        const Field field = Fields::find(image, ground_.spaces, run.side, at, at);
        if (field.bytes == 0) {
            if constexpr (Fields::tracks_instructions)
                into += Fields::instruction_bytes(image, at);
            else
                into += Fields::alignment;
            continue;
        }
        const bool is_word = field.form == sbd::word_form && ((at ^ to) & 3) == 0;
        if (field.bytes <= end - into && (field.key & sbd::outside_bit) == 0 &&
            (is_word || field.form != sbd::word_form)) {
            std::uint64_t raw = image.word(at);
            if (field.bytes > 4) raw |= std::uint64_t{image.word(at + 4)} << 32;
            const std::uint32_t key = run.side == Side::old_image ? steps_.moved(field.key) : field.key;
            std::uint64_t made = Fields::encode(ground_.spaces, field, raw, key, run.has_place ? to : 0);
            for (std::uint32_t k = 0; k < field.bytes; ++k, made >>= 8)
                run.made[into + k] = static_cast<std::uint8_t>(made);
        }
        into += std::max<std::uint32_t>(field.bytes, Fields::alignment);
    }
}

void Rewriter::rewrite_types(const ImagePart& image, const Run& run) const {
    const auto end = static_cast<std::uint32_t>(run.made.size());
    for (std::uint32_t into = (0 - run.at) & 3; into + 4 <= end; into += 4) {
        const std::uint32_t word = image.word(run.at + into);
        store_le(run.made, into, types_->moved(run.at + into, word, steps_));
    }
}

void Rewriter::rewrite_run(Reading reading, const ImagePart& image, const Run& run) const {
    if (reading == Reading::plain) return;
    if (reading == Reading::distances) return rewrite_with<DistanceWords>(image, run);
    if (reading == Reading::offsets) return rewrite_with<OffsetWords>(image, run);
    if (reading == Reading::types) {
        if (types_ != nullptr && run.has_place) rewrite_types(image, run);
        return;
    }
    switch (ground_.architecture) {
        case Architecture::none:
            return;
        case Architecture::thumb:
            return rewrite_with<sbd::Thumb>(image, run);
        case Architecture::a64:
            return rewrite_with<sbd::A64>(image, run);
        case Architecture::xtensa:
            return rewrite_with<sbd::Xtensa>(image, run);
        case Architecture::riscv:
            return rewrite_with<sbd::RiscV>(image, run);
        case Architecture::avr:
            return rewrite_with<sbd::Avr>(image, run);
        case Architecture::tc32:
            return rewrite_with<sbd::Tc32>(image, run);
    }
}

void Rewriter::rewrite(Reading reading, const ImagePart& old, std::uint32_t old_at, std::uint32_t new_at,
                       MutableBytes made) const {
    rewrite_run(reading, old, {Side::old_image, old_at, new_at, true, made});
}

std::vector<std::uint8_t> Rewriter::without_places(Side side, Bytes image, std::span<const Reading> pages) const {
    std::vector<std::uint8_t> made(image.begin(), image.end());
    for (std::size_t page = 0; page < pages.size(); ++page) {
        const auto from = static_cast<std::uint32_t>(page * page_bytes);
        const auto bytes = std::min<std::size_t>(page_bytes, image.size() - from);
        rewrite_run(pages[page], {image, 0}, {side, from, from, false, MutableBytes(made).subspan(from, bytes)});
    }
    return made;
}

}  // namespace sb::diff
