#include "tools/cli/device_report.hpp"

#include <fmt/format.h>

#include "core/base/error_name.hpp"
#include "tools/cli/layout_report.hpp"
#include "tools/cli/text.hpp"
#include "tools/layout/schemes.hpp"
#include "tools/pack/hex.hpp"
#include "tools/pack/version.hpp"

namespace sb::cli {
namespace {

/// The slots that this device has.
std::vector<SlotId> slots_of(const sim::Device& device) {
    std::vector<SlotId> slots = {SlotId::a};
    if (device.map().slots[1].region.valid()) slots.push_back(SlotId::b);
    if (device.map().golden.valid()) slots.push_back(SlotId::golden);
    return slots;
}

Json running_slot(const sim::Device& device) {
    const auto& running = device.running();
    return running && running->slot ? Json(slot_name(*running->slot)) : Json(nullptr);
}

/// Why a slot may not run, as a name and a sentence; empty when it may.
std::string why_not(const sim::SlotStatus& slot, bool being_written) {
    if (slot.objection == Error::none) return "";
    if (being_written) return "writing: a download into this slot is under way";
    if (slot.blank) return "empty: nothing is written there";
    return fmt::format("{}: {}", error_name(slot.objection), meaning_of(slot.objection).what);
}

Json slot_json(const sim::SlotStatus& slot, bool being_written) {
    Json json = {{"role", sim::role_name(slot.role)},
                 {"version", nullptr},
                 {"sha256", nullptr},
                 {"verified", slot.image.has_value()},
                 {"bootable", slot.objection == Error::none}};
    if (slot.image) {
        json["version"] = pack::to_string(slot.image->info.version);
        json["sha256"] = to_hex(slot.image->digest);
        json["image_bytes"] = slot.image->info.total_bytes;
        json["security_counter"] = slot.image->info.security_counter.value_or(0);
    }
    json["why"] = why_not(slot, being_written);
    return json;
}

Json flash_json(const sim::Device& device) {
    Json parts = Json::object();
    for (std::size_t i = 0; i < device.parts().size(); ++i) {
        const sim::FlashContent& content = device.parts()[i]->content();
        parts[device.layout().parts[i].name] = {{"units", content.erase_counts},
                                                {"operations", content.erases + content.programs},
                                                {"programmed_bytes", content.programmed_bytes}};
    }
    return parts;
}

Json regions_json(const layout::Layout& layout) {
    Json regions = Json::array();
    for (const layout::RegionSpec& r : layout.regions)
        regions.push_back(
            {{"name", r.name}, {"flash", layout.parts[r.part].name}, {"offset", r.offset}, {"bytes", r.bytes}});
    return regions;
}

/// Whether the slot is the one that a download is under way into.
bool is_being_written(SlotId slot, const sim::Device& device, const sim::Status& status) {
    if (status.journal_lost || status.boot.phase != Phase::writing || slot == SlotId::golden) return false;
    const bool is_patch = device.map().scheme == Scheme::inplace && status.boot.active == SlotId::a;
    return slot == device.map().download_slot(status.boot.active) && !is_patch;
}

std::string slot_line(SlotId id, const sim::SlotStatus& slot, bool being_written) {
    const std::string version = slot.image ? pack::to_string(slot.image->info.version) : "-";
    const std::string digest = slot.image ? to_hex(shorten(slot.image->digest)) : "-";
    const std::string runs =
        slot.objection == Error::none ? "bootable" : "not bootable, " + why_not(slot, being_written);
    // What stands there and has no role will be written over.
    const bool left_over = slot.role == sim::Role::empty && slot.image;
    return fmt::format("{:<8} {:<8} {:<12} {:<17} {}\n", id == SlotId::golden ? "golden" : "slot " + slot_name(id),
                       left_over ? "left" : sim::role_name(slot.role), version, digest, runs);
}

const char* request_name(Request request) {
    switch (request) {
        case Request::none:
            return "none";
        case Request::factory_reset:
            return "factory_reset";
        case Request::factory_image:
            return "factory_image";
        case Request::update_mode:
            break;
    }
    return "update_mode";
}

/// What was asked of the next boots, for people.
const char* request_words(Request request) {
    switch (request) {
        case Request::none:
            return "nothing";
        case Request::factory_reset:
            return "a factory reset at the next boot: the factory image, and the user's data erased";
        case Request::factory_image:
            return "the factory image at the next boot; the user's data stay";
        case Request::update_mode:
            break;
    }
    return "update mode at each boot, until an update is staged (or 'device update-mode --leave')";
}

bool is_low(const sim::Device& device) {
    return device.battery().millivolts < device.layout().low_battery_millivolts;
}

/// Why the state is what it is.
std::string cause_text(const sim::Device& device, Error cause) {
    if (cause == Error::none) return "";
    if (cause == Error::low_battery && !is_low(device)) return " (low_battery, and it is not any more: install again)";
    return fmt::format(" ({}: {})", error_name(cause), meaning_of(cause).what);
}

/// What waits to be served, and what the data and the supply are like, where there is something to say.
std::string notes_text(const sim::Device& device, const sim::Status& status) {
    std::string text;
    if (status.boot.request != Request::none) text += fmt::format("asked    {}\n", request_words(status.boot.request));
    if (status.boot.data_format != 0 || status.boot.data_newer)
        text += fmt::format("data     format {}{}\n", status.boot.data_format,
                            status.boot.data_newer ? ", data_newer: as an image left them that is not confirmed" : "");
    if (const std::uint32_t threshold = device.layout().low_battery_millivolts; threshold != 0) {
        const bool low = is_low(device);
        text += fmt::format("battery  {} mV{}\n", device.battery().millivolts,
                            low ? fmt::format(", low: no erase of a slot begins below {} mV", threshold) : "");
    }
    return text;
}

std::string running_text(const sim::Device& device) {
    if (!device.running()) return "nothing, the power is off";
    if (!device.running()->slot) return "nothing, update mode";
    return "slot " + slot_name(*device.running()->slot);
}

Json bootloader_json(const sim::Status& status) {
    if (!status.bootloader) return nullptr;
    Json copies = Json::object();
    for (const SlotId id : {SlotId::a, SlotId::b}) {
        const auto& version = status.bootloader->sealed[index_of(id)];
        copies[slot_name(id)] = version ? Json(pack::to_string(*version)) : Json();
    }
    return {{"starts", status.bootloader->starts ? Json(slot_name(*status.bootloader->starts)) : Json()},
            {"sealed", copies}};
}

/// One line, where the bootloader has copies.
std::string bootloader_text(const sim::Status& status) {
    if (!status.bootloader) return "";
    const auto words = [&](SlotId id) {
        const auto& version = status.bootloader->sealed[index_of(id)];
        return fmt::format("copy {} {}{}", slot_name(id), version ? pack::to_string(*version) : "not sealed",
                           status.bootloader->starts == id ? " (starts)" : "");
    };
    return fmt::format("boot     {}, {}\n", words(SlotId::a), words(SlotId::b));
}

}  // namespace

std::string slot_name(SlotId slot) {
    if (slot == SlotId::golden) return "golden";
    return slot == SlotId::a ? "A" : "B";
}

Json status_json(const sim::Device& device, const sim::Status& status) {
    Json slots = Json::object();
    for (const SlotId id : slots_of(device))
        slots[slot_name(id)] = slot_json(status.slots[index_of(id)], is_being_written(id, device, status));
    return {{"state", status.journal_lost ? "LOST" : sim::phase_name(status.boot.phase)},
            {"running_slot", running_slot(device)},
            {"cause", error_name(status.journal_lost ? Error::journal_lost : status.boot.cause)},
            {"tries_left", status.boot.tries_left},
            {"security_floor", status.security_floor},
            {"slots", slots},
            {"bootloader", bootloader_json(status)},
            {"way_back", status.way_back ? Json(way_back_words(*status.way_back).name) : Json(nullptr)},
            {"wear", {{"max_erases", status.max_erases}, {"total_erases", status.total_erases}}},
            {"request", request_name(status.boot.request)},
            {"data_format", status.boot.data_format},
            {"data_newer", status.boot.data_newer},
            {"supply_millivolts", device.battery().millivolts},
            {"powered", device.running().has_value()},
            {"class", device.identity().class_name},
            {"device_id", device.identity().device_id},
            {"layout", device.layout().name},
            {"scheme", layout::scheme_name(device.layout().scheme)},
            {"steps", {{"done", status.boot.step}, {"in_all", status.boot.step_count}}},
            {"regions", regions_json(device.layout())},
            {"flash", flash_json(device)}};
}

std::string status_text(const sim::Device& device, const sim::Status& status) {
    const Error cause = status.journal_lost ? Error::journal_lost : status.boot.cause;
    std::string text = fmt::format("device   {} of class {}, layout {}\n", device.identity().device_id,
                                   device.identity().class_name, device.layout().name);
    text += fmt::format("state    {}", status.journal_lost ? "LOST" : sim::phase_name(status.boot.phase));
    if (status.boot.step_count != 0) text += fmt::format(", step {} of {}", status.boot.step, status.boot.step_count);
    if (status.boot.tries_left != 0) text += ", " + tries_left(status.boot.tries_left);
    text += cause_text(device, cause);
    text += fmt::format("\nruns     {}\nfloor    security counter {}\n", running_text(device), status.security_floor);
    if (status.way_back) text += fmt::format("back     {}\n", way_back_words(*status.way_back).text);
    text += notes_text(device, status);
    for (const SlotId id : slots_of(device))
        text += slot_line(id, status.slots[index_of(id)], is_being_written(id, device, status));
    text += bootloader_text(status);
    text += fmt::format("wear     {} erases, at most {} of one unit\n", status.total_erases, status.max_erases);
    return text;
}

}  // namespace sb::cli
