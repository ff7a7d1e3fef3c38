#include "tools/diff/hdiff_patch.hpp"

#include "core/delta/hdiff_header.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

void append(Buffer& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

Buffer begin_patch(std::string_view magic, HdiffCodec codec) {
    Buffer patch(magic.begin(), magic.end());
    const std::string_view name = name_in_patch(codec);
    patch.insert(patch.end(), name.begin(), name.end());
    patch.push_back(0);
    return patch;
}

/// Packed bytes, or nothing: they stay plain.
Buffer packed_if_smaller(Bytes plain, HdiffCodec codec, Effort effort) {
    if (codec == HdiffCodec::none || plain.empty()) return {};
    Buffer packed = pack_hdiff(plain, codec, effort);
    if (packed.size() >= plain.size()) packed.clear();
    return packed;
}

}  // namespace

Buffer make_hdiff_parts(Bytes old, Bytes new_image, const Covers& covers, const HdiffRunRule& rule, HdiffCodec codec,
                        Effort effort) {
    const HdiffParts parts = write_hdiff_parts(old, new_image, covers, rule);
    Buffer patch = begin_patch(hdiff_parts_magic, codec);
    for (const std::size_t number : {new_image.size(), old.size(), covers.size()}) put_hdiff_number(patch, number);
    Buffer data;
    for (const Buffer* part : {&parts.cover_numbers, &parts.runs, &parts.values, &parts.fresh}) {
        const Buffer packed = packed_if_smaller(*part, codec, effort);
        put_hdiff_number(patch, part->size());
        put_hdiff_number(patch, packed.size());
        append(data, packed.empty() ? *part : packed);
    }
    append(patch, data);
    return patch;
}

HdiffStepsPatch make_hdiff_steps(Bytes old, Bytes new_image, const Covers& covers, const HdiffStepRule& rule,
                                 HdiffCodec codec, Effort effort) {
    const HdiffSteps steps = write_hdiff_steps(old, new_image, covers, rule);
    const Buffer packed = packed_if_smaller(steps.bytes, codec, effort);
    Buffer patch = begin_patch(hdiff_steps_name, packed.empty() ? HdiffCodec::none : codec);
    for (const std::size_t number :
         {new_image.size(), old.size(), steps.covers, steps.step_bytes, steps.bytes.size(), packed.size()})
        put_hdiff_number(patch, number);
    append(patch, packed.empty() ? steps.bytes : packed);
    return {std::move(patch), static_cast<std::uint32_t>(steps.step_bytes)};
}

}  // namespace sb::diff
