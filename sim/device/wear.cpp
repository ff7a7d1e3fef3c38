#include "sim/device/wear.hpp"

#include <algorithm>

#include "core/base/error_name.hpp"
#include "sim/device/transfer.hpp"
#include "tools/layout/check.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb::sim {
namespace {

constexpr const char* class_name = "switchback.example/wear";
constexpr std::uint32_t updates = 8;
constexpr LinkModel cable{"cable", 4096, 1e9, 0, ""};

std::unexpected<pack::Problem> failed(const char* what, Error error) {
    return pack::problem(pack::Problem::Kind::environment, "simulated update",
                         std::string(what) + " failed: " + error_name(error), "look at the layout's geometry");
}

/// A program of `bytes` that a device would start: its second word is an address inside itself.
std::vector<std::uint8_t> program_of(std::uint32_t bytes, std::uint32_t address, std::uint8_t filler) {
    std::vector<std::uint8_t> program(bytes, filler);
    store_le<std::uint32_t>(program, 0, 0x20000000);
    store_le<std::uint32_t>(program, 4, address + 8 + 1);
    return program;
}

pack::Outcome<std::vector<std::uint8_t>> image_for(const layout::Layout& layout, const FlashMap& map, SlotId slot,
                                                   std::uint32_t number, const pack::PrivateKey& key) {
    constexpr std::uint32_t room_for_tlvs = 512;
    const std::uint32_t in_a = map.image_room(SlotId::a);
    const std::uint32_t room = has_one_slot(map.scheme) ? in_a : std::min(in_a, map.image_room(SlotId::b));
    const std::uint32_t spent = layout.header_bytes + room_for_tlvs;
    const std::uint32_t body = room > spent + 8 ? room - spent : 8;
    pack::SignOptions options{.version = {.revision = static_cast<std::uint16_t>(number)},
                              .header_bytes = layout.header_bytes,
                              .security_counter = number};
    const std::uint32_t address = map.slot(slot).address;
    if (!map.one_address()) options.rom_fixed = address;
    return pack::sign_image(program_of(body, address + layout.header_bytes, static_cast<std::uint8_t>(number)), options,
                            key);
}

pack::Outcome<void> update(Device& device, std::uint32_t number, const pack::PrivateKey& key) {
    const FlashMap& map = device.map();
    const SlotId target = map.moves() ? SlotId::a : map.download_slot(*device.running()->slot);
    const auto image = image_for(device.layout(), device.map(), target, number, key);
    if (!image) return std::unexpected(image.error());
    const auto package = pack::build_package(
        *image, {}, {.device_class = class_name, .block_bytes = device.layout().max_block_bytes}, key);
    if (!package) return std::unexpected(package.error());
    if (has_one_slot(map.scheme)) {
        if (const auto asked = device.ask_for_update_mode(); !asked)
            return failed("asking for update mode", asked.error());
        if (const BootReport boot = device.reset(); boot.slot) return failed("update mode", boot.cause);
    }
    // What led back from the update before stays locked until then.
    if (device.waits_for_reset() && !device.reset().slot) return failed("the boot", Error::nothing_bootable);
    Installation installation(device);
    if (const auto sent = transfer(installation.session(), *package, {.link = cable}).result; !sent)
        return failed("the installation", sent.error());
    if (const auto staged = installation.session().stage(); !staged) return failed("staging", staged.error());
    if (const BootReport boot = device.reset(); boot.slot != target) return failed("the boot", boot.cause);
    if (const auto confirmed = device.confirm(); !confirmed) return failed("confirming", confirmed.error());
    return {};
}

/// The erase counts of the journal's units.
std::vector<std::uint32_t> journal_counts(const Device& device) {
    const layout::RegionSpec& spec = *device.layout().region("journal");
    const NorFlash& part = *device.parts()[spec.part];
    std::vector<std::uint32_t> counts;
    std::uint32_t at = 0;
    for (const std::uint32_t count : part.content().erase_counts) {
        if (at >= spec.offset && at < spec.offset + spec.bytes) counts.push_back(count);
        at += part.geometry().unit_at(at).bytes;
    }
    return counts;
}

}  // namespace

pack::Outcome<JournalWear> measure_journal_wear(const layout::Layout& layout) {
    const auto key = pack::PrivateKey::generate();
    const auto ids = pack::class_ids(class_name);
    if (!key) return std::unexpected(key.error());
    if (!ids) return std::unexpected(ids.error());
    layout::Layout accepts = layout;
    accepts.accept_no_way_back = true;  // these packages bring none, and there is no factory image
    Device device(accepts, {class_name, ids->vendor, ids->device_class, ""}, {pack::trusted(key->public_key())});
    const auto first = image_for(layout, device.map(), SlotId::a, 0, *key);
    if (!first) return std::unexpected(first.error());
    if (const auto made = write_factory_image(device, *first); !made) return failed("the factory", made.error());
    if (const BootReport boot = device.reset(); boot.slot != SlotId::a) return failed("the boot", boot.cause);

    const std::vector<std::uint32_t> before = journal_counts(device);
    for (std::uint32_t i = 1; i <= updates; ++i)
        if (auto done = update(device, i, *key); !done) return std::unexpected(done.error());
    const std::vector<std::uint32_t> after = journal_counts(device);
    std::uint32_t most = 0;
    for (std::size_t i = 0; i < before.size(); ++i) most = std::max(most, after[i] - before[i]);
    const std::uint32_t rated = layout.parts[layout.region("journal")->part].geometry.rated_cycles;
    const double each = static_cast<double>(most) / updates;
    return JournalWear{updates, each, rated, most == 0 ? 0 : std::uint64_t{rated} * updates / most};
}

}  // namespace sb::sim
