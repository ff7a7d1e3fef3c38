#include "tools/diff/in_place.hpp"

namespace sb::diff {
namespace {

/// The preamble of an sbd patch, which stands in the package's envelope.
std::vector<std::uint8_t> take_parameters(Patch& patch) {
    if (patch.payload != PayloadFormat::sbd) return {};
    const auto split = patch.bytes.begin() + sbd_preamble_bytes(patch.bytes);
    std::vector<std::uint8_t> parameters(patch.bytes.begin(), split);
    patch.bytes.erase(patch.bytes.begin(), split);
    return parameters;
}

}  // namespace

InPlacePatch make_in_place(Bytes old, Bytes new_image, DiffOptions how, std::uint32_t slot_bytes,
                           std::uint32_t erase_bytes, bool with_way_back) {
    how.in_place = true;
    how.memory_bytes = slot_bytes;
    how.erase_bytes = erase_bytes;
    const auto shift = [&](Bytes source) {
        return (slot_bytes - static_cast<std::uint32_t>(source.size())) & ~(erase_bytes - 1);
    };
    Patch there = make_patch(old, new_image, how);
    InPlacePatch made;
    made.shift = shift(old);
    made.format = there.payload.value_or(PayloadFormat::sbd);
    made.decoder_ram_bytes = there.decoder_ram_bytes;
    made.parameters = take_parameters(there);
    made.payload = std::move(there.bytes);
    if (!with_way_back) return made;
    Patch back = make_patch(new_image, old, how);
    auto& way_back = made.way_back.emplace();
    way_back.from = static_cast<std::uint32_t>(made.payload.size());
    way_back.shift = shift(new_image);
    way_back.parameters = take_parameters(back);
    made.payload.insert(made.payload.end(), back.bytes.begin(), back.bytes.end());
    return made;
}

}  // namespace sb::diff
