// VCDIFF (RFC 3284): plain, interleaved for devices (open-vcdiff's), or with sections packed as xdelta3 packs them.
#include <algorithm>
#include <array>

#include "core/delta/vcdiff.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/vcdiff_encoder.hpp"
#include "tools/diff/vcdiff_reader.hpp"

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 3> compressions{"lzma", "none", "interleaved"};

[[gnu::hot]] bool recognises(Bytes head) {
    return begins_with(head, vcdiff_magic);
}

/// By the compressor that the header names; xdelta3 names it even when no section was worth packing.
std::string_view full_name(Bytes head) {
    constexpr std::size_t indicator_at = vcdiff_magic.size() + 1;
    if (head.size() < indicator_at + 2 || (head[indicator_at] & vcdiff_has_secondary) == 0) return "vcdiff";
    switch (static_cast<VcdiffSecondary>(head[indicator_at + 1])) {
        case VcdiffSecondary::lzma:
            return "vcdiff+lzma";
        case VcdiffSecondary::djw:
            return "vcdiff+djw";
        case VcdiffSecondary::fgk:
            return "vcdiff+fgk";
        default:
            return "vcdiff";
    }
}

/// Waits at its end until the sink needs nothing any more that was lent.
struct Settled {
    Sink& out;
    ~Settled() { out.settle(); }
};

void apply(Reader& old, Reader& patch, Sink& out) {
    VcdiffReader reader(old, patch);
    const Settled before_the_reader_ends{out};
    while (reader.next(&out)) {
    }
}

/// An old image that nobody has.
class UnknownImage final : public Reader {
public:
    [[nodiscard]] std::uint32_t bytes() const override { return ~0U; }
    [[nodiscard]] Result<void> read(std::uint32_t, MutableBytes out) override {
        std::ranges::fill(out, std::uint8_t{0});
        return {};
    }
};

/// Writes down where each stretch of the new image comes from.
class Explainer final : public VcdiffListener {
public:
    explicit Explainer(PatchInfo& info) : info_(info) {}

    void look_at(const VcdiffReader& reader) { reader_ = &reader; }
    void made(const VcdiffInstruction& by, std::uint32_t target_at, std::uint32_t address,
              std::uint32_t bytes) override {
        const VcdiffWindow& window = reader_->window();
        if (by.is(VcdiffType::add)) {
            info_.extra_bytes += bytes;
        } else if (by.is(VcdiffType::run)) {
            info_.run_bytes += bytes;
        } else if (address >= window.source_bytes || window.copies_target()) {
            info_.self_bytes += bytes;
        } else if (bytes != 0) {
            const std::uint64_t old_at = std::uint64_t{window.source_at} + address;
            info_.covers.push_back({info_.new_bytes + target_at, old_at, bytes, bytes});
        }
    }

private:
    PatchInfo& info_;
    const VcdiffReader* reader_ = nullptr;
};

/// What a device needs for the windows seen so far.
struct DeviceNeeds {
    bool possible = true;
    std::uint64_t ram_bytes = vcdiff_small_cache_bytes;

    void look_at(const VcdiffWindowHeader& header) {
        const VcdiffWindow& window = header.window();
        possible = possible && window.packed == 0 && !window.copies_target();
        ram_bytes =
            std::max(ram_bytes, vcdiff_ram_bytes(window.target_bytes, window.sections_bytes(), header.interleaved()));
    }
};

PatchInfo inspect(Bytes patch) {
    PatchInfo info;
    UnknownImage old;
    MemoryReader source{patch};
    Explainer explainer(info);
    VcdiffReader reader(old, source, &explainer);
    explainer.look_at(reader);
    info.blocks = {{"headers", 0, 0}, {"data", 0, 0}, {"instructions", 0, 0}, {"addresses", 0, 0}};
    DeviceNeeds needs;
    while (reader.next()) {
        const VcdiffWindow& window = reader.window();
        needs.look_at(reader.loaded().header);
        if (reader.loaded().header.interleaved()) info.blocks[2].name = "instructions, data and addresses";
        for (std::size_t i = 0; i < vcdiff_sections; ++i) {
            info.blocks[i + 1].packed_bytes += window.section_bytes[i];
            info.blocks[i + 1].plain_bytes += reader.loaded().sections[i].size();
        }
        info.new_bytes += window.target_bytes;
    }
    std::uint64_t headers = patch.size();
    for (const PatchBlock& block : info.blocks) headers -= block.packed_bytes;
    info.blocks[0] = {"headers", headers, headers};
    info.format = full_name(patch);
    if (needs.possible && needs.ram_bytes >> 32 == 0) {
        info.payload = PayloadFormat::vcdiff;
        info.decoder_ram_bytes = static_cast<std::uint32_t>(needs.ram_bytes);
    }
    return info;
}

Patch encode(Bytes old, Bytes new_image, const DiffOptions& options) {
    VcdiffForm form = VcdiffForm::packed;
    if (options.compress == "none") form = VcdiffForm::standard;
    if (options.compress == "interleaved") form = VcdiffForm::interleaved;
    return described(make_vcdiff(old, new_image, form, options), inspect);
}

}  // namespace

constinit const Format vcdiff_format{
    "vcdiff", compressions, "VCDIFF (RFC 3284): as xdelta3 reads and writes it; interleaved for devices",
    encode,   recognises,   apply,
    inspect,  full_name};

}  // namespace sb::diff
