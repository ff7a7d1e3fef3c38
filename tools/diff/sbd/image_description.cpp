#include "tools/diff/sbd/image_description.hpp"

#include "core/delta/sbd/plan.hpp"
#include "tools/diff/sbd/image_kind.hpp"

namespace sb::diff {
namespace {

using sbd::Architecture;

/// What a program loads gp with, first of all: auipc gp, high; addi gp, gp, low. 0: nowhere.
std::uint32_t find_global_pointer(Bytes image, const std::vector<sbd::LoadSegment>& segments) {
    constexpr std::uint32_t auipc_gp = 0x197, addi_gp_gp = 0x18193;
    for (std::size_t at = 0; at + 8 <= image.size(); at += 2) {
        const auto high = load_le<std::uint32_t>(image, at), low = load_le<std::uint32_t>(image, at + 4);
        if ((high & 0xfff) != auipc_gp || (low & 0xfffff) != addi_gp_gp) continue;
        const std::uint32_t place = sbd::AddressSpace(segments).address_of(static_cast<std::uint32_t>(at));
        return place + (high & 0xfffff000) + static_cast<std::uint32_t>(static_cast<std::int32_t>(low) >> 20);
    }
    return 0;
}

void find_global_pointers(ImageDescription& description, Bytes old_image, Bytes new_image) {
    if (description.architecture != Architecture::riscv) return;
    const std::uint32_t of_old = find_global_pointer(old_image, description.segments[0]);
    const std::uint32_t of_new = find_global_pointer(new_image, description.segments[1]);
    const bool both = of_old != 0 && of_new != 0;
    description.global_pointer[0] = both ? of_old : 0;
    description.global_pointer[1] = both ? of_new : 0;
}

Architecture architecture_of(Bytes image, const LoadTable& table) {
    return table.architecture != Architecture::none ? table.architecture : detect_architecture(image);
}

}  // namespace

void set_base(ImageDescription& description, Bytes old_image, Bytes new_image, std::uint32_t base) {
    const std::uint32_t behind = sbd::usual_spaces(description.architecture).behind_image;
    description.segments[0] = {{0, base, static_cast<std::uint32_t>(old_image.size()) + behind}};
    description.segments[1] = {{0, base, static_cast<std::uint32_t>(new_image.size()) + behind}};
    find_global_pointers(description, old_image, new_image);
}

ImageDescription describe(Bytes old_image, Bytes new_image) {
    return describe(old_image, new_image, load_table(old_image), load_table(new_image));
}

ImageDescription describe(Bytes old_image, Bytes new_image, const LoadTable& old_table, const LoadTable& new_table) {
    const Architecture of_old = architecture_of(old_image, old_table), of_new = architecture_of(new_image, new_table);
    ImageDescription found;
    if (of_old == Architecture::none || of_old != of_new) return found;
    found.architecture = of_old;
    const sbd::UsualSpaces usual = sbd::usual_spaces(of_old);
    found.ram_address = old_table.ram_bytes != 0 ? old_table.ram_address : usual.ram_address;
    found.ram_bytes = old_table.ram_bytes != 0 ? old_table.ram_bytes : usual.ram_bytes;
    found.has_table = !old_table.segments.empty() && !new_table.segments.empty();
    if (found.has_table) {
        found.segments[0] = old_table.segments;
        found.segments[1] = new_table.segments;
        find_global_pointers(found, old_image, new_image);
    } else {
        const bool at_zero = of_old == Architecture::avr;
        set_base(found, old_image, new_image, at_zero ? 0 : guess_base(old_image, of_old));
    }
    return found;
}

}  // namespace sb::diff
