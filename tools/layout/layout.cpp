#include "tools/layout/layout.hpp"

#include <algorithm>

#include "core/base/crc32.hpp"
#include "tools/layout/schemes.hpp"

namespace sb::layout {
namespace {

/// Little-endian numbers, one after the other.
class Canonical {
public:
    template <class T>
    void put(T value) {
        std::array<std::uint8_t, sizeof(T)> bytes;
        store_le<T>(bytes, 0, value);
        crc_ = crc32(bytes, crc_);
    }
    void put(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        crc_ = crc32({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, crc_);
    }
    [[nodiscard]] std::uint32_t crc() const { return crc_; }

private:
    std::uint32_t crc_ = 0;
};

void put_part(Canonical& c, const Part& part) {
    const Geometry& g = part.geometry;
    c.put(part.address);
    c.put(g.bytes);
    c.put(g.granule);
    c.put(g.erased);
    c.put(static_cast<std::uint8_t>((g.erased_readable ? 1 : 0) | (g.reprogram_same ? 2 : 0) | (g.ecc ? 4 : 0)));
    c.put(static_cast<std::uint32_t>(part.erase_map.size()));
    for (const EraseRun& run : part.erase_map) {
        c.put(run.units);
        c.put(run.unit_bytes);
    }
    for (const Component& component : part.components) {
        c.put(std::string_view(component.name));
        c.put(static_cast<std::uint32_t>(component.part));
        c.put(component.offset);
        c.put(component.bytes);
    }
}

}  // namespace

Geometry geometry_of(const Part& part) {
    Geometry g = part.geometry;
    g.erase_map = part.erase_map;
    return g;
}

const RegionSpec* Layout::region(std::string_view region_name) const {
    const auto found = std::ranges::find(regions, region_name, &RegionSpec::name);
    return found == regions.end() ? nullptr : &*found;
}

const Part* Layout::set_of(std::string_view region_name) const {
    const RegionSpec* found = region(region_name);
    return found == nullptr || !parts[found->part].is_set() ? nullptr : &parts[found->part];
}

std::vector<RegionSpec> in_order(const Layout& layout) {
    std::vector<RegionSpec> regions = layout.regions;
    std::ranges::sort(regions, {}, [](const RegionSpec& r) { return std::pair(r.part, r.offset); });
    return regions;
}

std::uint32_t address_of(const Layout& layout, const RegionSpec& region) {
    return layout.parts[region.part].address + region.offset;
}

std::uint32_t layout_crc(const Layout& layout) {
    constexpr std::uint32_t form = 1;  // of this serialization
    Canonical c;
    c.put(form);
    c.put(scheme_name(layout.scheme));
    c.put(static_cast<std::uint8_t>(layout.remap ? 1 : 0));
    c.put(layout.header_bytes);
    c.put(static_cast<std::uint32_t>(layout.parts.size()));
    for (const Part& part : layout.parts) put_part(c, part);
    std::vector<RegionSpec> regions = layout.regions;  // their order in the file means nothing
    std::ranges::sort(regions, {}, &RegionSpec::name);
    c.put(static_cast<std::uint32_t>(regions.size()));
    for (const RegionSpec& region : regions) {
        c.put(std::string_view(region.name));
        c.put(static_cast<std::uint32_t>(region.part));
        c.put(region.offset);
        c.put(region.bytes);
    }
    if (layout.load) {
        c.put(layout.load->address);
        c.put(layout.load->bytes);
    }
    return c.crc();
}

}  // namespace sb::layout
