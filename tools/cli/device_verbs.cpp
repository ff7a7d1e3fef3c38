// switchback device: simulated devices.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <random>

#include "core/base/error_name.hpp"
#include "core/boot/decide.hpp"
#include "sim/device/directory.hpp"
#include "tools/cli/device_report.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/images.hpp"
#include "tools/cli/power_cut.hpp"
#include "tools/cli/text.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/hex.hpp"
#include "tools/pack/keys.hpp"
#include "tools/pack/version.hpp"

namespace sb::cli {
namespace {

using sim::Access;
using sim::Directory;

// ---- new

struct NewVerb {
    std::string dir;
    std::string layout = "default";
    std::string key;
    std::string class_name;
    std::string image;
    std::string golden;
    std::string bootloader;
};

std::string random_id() {
    std::random_device random;
    std::array<std::uint8_t, 16> id{};
    for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(random());
    return to_hex(id);
}

Directory::Recipe recipe_of(const NewVerb& verb) {
    // What can throw comes first: GCC 12 destroys the members of a braced initializer twice when one of them throws.
    const layout::Source layout = need(layout::find(verb.layout));
    const PublicKey key = need(pack::load_public_key(verb.key));
    Directory::Recipe recipe{.layout = layout,
                             .identity = {.class_name = verb.class_name, .device_id = random_id()},
                             .key_name = pack::public_file_of(std::filesystem::path(verb.key).filename()).string(),
                             .key = key};
    if (verb.key.ends_with(".pub.pem")) recipe.key_name = std::filesystem::path(verb.key).filename().string();
    const pack::ClassIds ids = need(pack::class_ids(verb.class_name));
    recipe.identity.vendor = ids.vendor;
    recipe.identity.device_class = ids.device_class;
    return recipe;
}

/// Where the layout has copies of it, stage 0 starts nothing else.
void write_bootloader_of(const NewVerb& verb, sim::Device& device) {
    if (device.bootloader_map() == nullptr && !verb.bootloader.empty())
        throw Failure(Exit::no, "the bootloader of this layout has no copies: it is not updatable", verb.bootloader,
                      "leave --bootloader out, or write [bootloader] updatable = true in the layout");
    if (device.bootloader_map() == nullptr) return;
    if (verb.bootloader.empty())
        throw Failure(Exit::usage, "the bootloader of this layout is updatable, and there is none to start",
                      "--bootloader", "give a signed image of it, linked for bootloader_a");
    need(sim::write_bootloader(device, read_file(verb.bootloader)), verb.bootloader);
}

void make_device(Shell& shell, const NewVerb& verb) {
    need(Directory::may_create(verb.dir));
    const Directory::Recipe recipe = recipe_of(verb);
    auto device = need(Directory::build(recipe));
    const Buffer image = verb.image.empty() ? Buffer() : read_file(verb.image);
    if (!verb.image.empty() && image.empty()) throw failure_of(Error::truncated, verb.image);
    const Buffer golden = verb.golden.empty() ? Buffer() : read_file(verb.golden);
    if (!verb.golden.empty() && golden.empty()) throw failure_of(Error::truncated, verb.golden);
    if (!golden.empty() && !device->map().golden.valid())
        throw Failure(Exit::no, "this layout has no region for a factory image", verb.golden,
                      "add a [[region]] named golden to the layout");
    if (!golden.empty()) need(sim::write_golden_image(*device, golden), verb.golden);
    write_bootloader_of(verb, *device);
    need(sim::write_factory_image(*device, image), verb.image.empty() ? verb.dir : verb.image);
    const sim::Status status = sim::status_of(*device);
    Json json = {{"device", verb.dir}};
    json.update(status_json(*device, status));
    const std::string text = status_text(*device, status);
    if (device->map().golden.valid() && golden.empty())
        shell.note("the layout has a region for a factory image and the device has none: give it one with --golden");
    need(Directory::create(verb.dir, recipe, std::move(device)));
    shell.answer(json, verb.dir + ": a new device\n" + text);
}

void add_new(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<NewVerb>();
    CLI::App* verb = shell.verb(
        group, "new", "Make a simulated device in a directory",
        "  switchback device new dev --key vendor.pub.pem --class acme.example/thermostat --image app.signed.bin",
        [&shell, v] { make_device(shell, *v); });
    verb->add_option("DIR", v->dir, "directory to make")->required();
    verb->add_option("--layout", v->layout, "name of a shipped layout or FILE.toml")->capture_default_str();
    verb->add_option("--key", v->key, "public key that the device trusts, PEM")->required();
    verb->add_option("--class", v->class_name, "vendor-domain/class-name")->default_str("switchback.example/device");
    verb->add_option("--image", v->image, "signed image for slot A; without it the slots are empty");
    verb->add_option("--bootloader", v->bootloader, "signed image of an updatable bootloader, for its copy A");
    verb->add_option("--golden", v->golden, "signed image that a factory reset restores");
    v->class_name = "switchback.example/device";
}

// ---- boot

struct BootVerb {
    std::string dir;
    std::uint32_t times = 1;
    PowerCutOptions cut;
};

/// Of a device in update mode; null where an image runs.
Json what_is_waited_for(const BootReport& report) {
    if (report.slot) return nullptr;
    if (report.cause == Error::low_battery) return "better_supply";
    return report.state.phase == Phase::writing ? "rest_of_download" : "package";
}

Json boot_json(sim::Device& device, const BootReport& report, std::uint64_t operations) {
    Json json = {{"booted_slot", nullptr},
                 {"decision", decision_name(report.decision)},
                 {"cause", error_name(report.cause)},
                 {"waits_for", what_is_waited_for(report)},
                 {"version", nullptr},
                 {"state", sim::phase_name(report.state.phase)},
                 {"tries_left", report.state.tries_left},
                 {"data_newer", report.state.data_newer},
                 {"recorded", report.recorded},
                 {"operations", operations}};
    if (!report.slot) return json;
    json["booted_slot"] = slot_name(*report.slot);
    if (const auto image = device.check(*report.slot)) json["version"] = pack::to_string(image->info.version);
    return json;
}

/// The cause, as the boot that follows tells it again.
std::string told_again(const std::string& cause) {
    if (cause == error_name(Error::active_invalid)) return ", in place of one that did not verify: " + cause;
    return ", the last update failed: " + cause;
}

/// What comes after the name of the slot, or after update mode.
std::string boot_reasons(const Json& boot) {
    const std::string cause = boot["cause"];
    const bool waits_for_package = boot["waits_for"] == "package";
    std::string text;
    const bool is_told_again = boot["state"] == "FAILED" && boot["decision"] == decision_name(Decision::active);
    if (cause != "none") text += is_told_again ? told_again(cause) : ", " + cause;
    if (cause == error_name(Error::low_battery)) text += ": what erases flash waits for a better supply";
    if (cause == "none" && waits_for_package) text += ", as asked";
    if (waits_for_package) text += "; it waits for a package";
    if (boot["waits_for"] == "rest_of_download") text += "; it waits for the rest of a download";
    if (boot["state"] == "TRIAL") return text + ", " + tries_left(boot["tries_left"].get<unsigned>());
    if (boot["data_newer"] && !boot["booted_slot"].is_null()) text += ", data_newer: the data are of the newer image";
    return text;
}

std::string boot_line(const Json& boot) {
    const std::string what = boot["booted_slot"].is_null()
                                 ? "nothing runs: update mode"
                                 : fmt::format("slot {} runs, version {}: {}", boot["booted_slot"].get<std::string>(),
                                               boot["version"].get<std::string>(), boot["decision"].get<std::string>());
    return what + boot_reasons(boot) + "\n";
}

/// The power was cut before the verb could answer. `json`: what it would have answered, as far as that goes.
void answer_cut(Shell& shell, Json json, const std::string& while_what) {
    json["decision"] = "cut";
    json["cause"] = error_name(Error::power_lost);
    shell.answer(json, "the power was cut while " + while_what + "\n");
    shell.leave_with(Exit::power_cut);
}

void boot_device(Shell& shell, const BootVerb& verb) {
    Directory directory = need(Directory::open(verb.dir, Access::write));
    sim::Device& device = directory.device();
    arm(device, verb.cut);
    const std::uint64_t before_all = device.operations();
    Json boots = Json::array();
    std::string text;
    for (std::uint32_t i = 0; i < verb.times && !device.power_was_cut(); ++i) {
        const std::uint64_t before = device.operations();
        const BootReport report = device.reset();
        if (device.power_was_cut()) break;
        boots.push_back(boot_json(device, report, device.operations() - before));
        text += boot_line(boots.back());
    }
    need(directory.save());
    note_what_missed(shell, device, verb.cut, device.operations() - before_all);
    if (device.power_was_cut())
        return answer_cut(shell, {{"booted_slot", nullptr}, {"boots", boots}}, "the bootloader worked");
    Json json = boots.back();
    if (verb.times > 1) json["boots"] = boots;
    shell.answer(json, text);
}

void add_boot(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<BootVerb>();
    CLI::App* verb = shell.verb(group, "boot", "Reset the device; say what the bootloader decided and why",
                                "  switchback device boot dev --times 4", [&shell, v] { boot_device(shell, *v); });
    verb->add_option("DIR", v->dir, "device")->required();
    verb->add_option("--times", v->times, "resets, one after the other")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    add_power_cut(*verb, v->cut);
}

// ---- status, confirm, read

void show_status(Shell& shell, const std::string& dir) {
    Directory directory = need(Directory::open(dir, Access::read));
    const sim::Status status = sim::status_of(directory.device());
    shell.answer(status_json(directory.device(), status), status_text(directory.device(), status));
}

/// Confirming is for the image that runs and is not confirmed; to confirm it once more changes nothing.
void need_something_to_confirm(const std::string& dir, const sim::Device& device, const sim::Status& status) {
    if (!device.running() || !device.running()->slot)
        throw Failure(Exit::no, "no image runs that could be confirmed (not_running)", dir,
                      "run 'switchback device boot' first");
    const SlotId running = *device.running()->slot;
    const Phase phase = status.boot.phase;
    if (phase == Phase::trial || phase == Phase::updated || !status.boot.confirmed(running)) return;
    const bool waiting = phase == Phase::candidate || phase == Phase::staged;
    throw Failure(Exit::no, "no image is on trial (bad_state)", dir,
                  waiting ? "run 'switchback device boot' to start the new image" : "install an image first");
}

struct ConfirmVerb {
    std::string dir;
    PowerCutOptions cut;
};

void confirm_device(Shell& shell, const ConfirmVerb& verb) {
    const std::string& dir = verb.dir;
    Directory directory = need(Directory::open(dir, Access::write));
    sim::Device& device = directory.device();
    need_something_to_confirm(dir, device, sim::status_of(device));
    arm(device, verb.cut);
    const std::uint64_t before = device.operations();
    const Result<void> confirmed = device.confirm();
    device.forget_if_cut();
    need(directory.save());
    note_what_missed(shell, device, verb.cut, device.operations() - before);
    if (device.power_was_cut())
        return answer_cut(shell, {{"confirmed_slot", nullptr}}, "the image confirmed itself: the next boot tells");
    need(confirmed, dir);
    const sim::Status status = sim::status_of(device);
    Json json = {{"confirmed_slot", slot_name(*device.running()->slot)}};
    json.update(status_json(device, status));
    shell.answer(json, "confirmed\n" + status_text(device, status));
}

void add_confirm(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<ConfirmVerb>();
    CLI::App* verb = shell.verb(group, "confirm", "Let the running image confirm itself",
                                "  switchback device confirm dev", [&shell, v] { confirm_device(shell, *v); });
    verb->add_option("DIR", v->dir, "device")->required();
    add_power_cut(*verb, v->cut);
}

struct ReadVerb {
    std::string dir;
    std::string slot;
    std::string out;
    bool whole = false;
};

/// From where the image in a slot begins. (What comes in lies further up in slot B of an exchange.)
Region region_to_read(sim::Device& device, SlotId slot, bool whole) {
    if (whole) return device.map().slot(slot).region;
    return image_region(device.map(), slot, sim::status_of(device).boot.phase);
}

void read_slot(Shell& shell, const ReadVerb& verb) {
    refuse_inside(verb.out, verb.dir);
    Directory directory = need(Directory::open(verb.dir, Access::read));
    const SlotId slot = verb.slot == "A" ? SlotId::a : (verb.slot == "B" ? SlotId::b : SlotId::golden);
    const Region region = region_to_read(directory.device(), slot, verb.whole);
    const std::string where = verb.dir + ", slot " + verb.slot;
    if (!region.valid())
        throw Failure(Exit::no, "this layout has no such slot", verb.dir, "see 'switchback device status'");
    RegionReader reader(region);
    const auto info = parse_image(reader);
    if (!info && !verb.whole)
        throw Failure(Exit::no, fmt::format("the slot holds no image ({})", error_name(info.error())), where,
                      "read the raw slot with --whole");
    Buffer bytes(verb.whole ? region.bytes() : info->total_bytes);
    need(region.read(0, bytes), where);
    write_file(verb.out, bytes);
    shell.answer({{"slot", verb.slot}, {"file", verb.out}, {"bytes", bytes.size()}},
                 fmt::format("{}: {} bytes of slot {}\n", verb.out, bytes.size(), verb.slot));
}

void add_read(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<ReadVerb>();
    CLI::App* verb =
        shell.verb(group, "read", "Read the image of a slot, as it stands in flash",
                   "  switchback device read dev --slot B -o slot_b.bin", [&shell, v] { read_slot(shell, *v); });
    verb->add_option("DIR", v->dir, "device")->required();
    verb->add_option("--slot", v->slot, "A, B or golden")->required()->check(CLI::IsMember({"A", "B", "golden"}));
    verb->add_option("-o,--output", v->out, "file for the image's bytes")->required();
    verb->add_flag("--whole", v->whole, "the whole slot, whatever it holds");
}

void add_simple(CLI::App& group, Shell& shell, const char* name, const char* about,
                void (*run)(Shell&, const std::string&)) {
    auto dir = std::make_shared<std::string>();
    shell
        .verb(group, name, about, fmt::format("  switchback device {} dev", name),
              [&shell, dir, run] { run(shell, *dir); })
        ->add_option("DIR", *dir, "device")
        ->required();
}

// ---- factory-reset

struct ResetVerb {
    std::string dir;
    bool keep_data = false;
    PowerCutOptions cut;
};

/// The factory image is not there after all.
Failure not_restored(const BootReport& report, const std::string& dir) {
    const Error cause = report.cause != Error::none ? report.cause : report.state.cause;
    Failure failure = failure_of(cause, dir);
    failure.what_failed = "the factory image was not restored: " + failure.what_failed;
    if (cause != Error::low_battery) return failure;
    failure.what_failed = "the factory reset waits: the supply is too low to erase flash (low_battery)";
    failure.fix =
        fmt::format("raise it ('switchback device supply {} MILLIVOLTS'): the first boot after that does it", dir);
    return failure;
}

/// The application asks, and the bootloader does it at the next boot: here at once.
void reset_to_factory(Shell& shell, const ResetVerb& verb) {
    Directory directory = need(Directory::open(verb.dir, Access::write));
    sim::Device& device = directory.device();
    if (!device.map().golden.valid())
        throw Failure(Exit::no, "this layout has no factory image", verb.dir,
                      "add a [[region]] named golden to the layout");
    if (sim::status_of(device).slots[index_of(SlotId::golden)].role != sim::Role::golden)
        throw Failure(Exit::no, "this device holds no factory image", verb.dir,
                      "make it with 'device new --golden IMAGE'");
    if (!device.running()) throw Failure(Exit::no, "the device is off", verb.dir, "run 'switchback device boot' first");
    arm(device, verb.cut);
    const std::uint64_t before = device.operations();
    const Result<void> asked = device.ask_for_factory_reset(verb.keep_data);
    const BootReport report = asked ? device.reset() : BootReport{};
    device.forget_if_cut();
    need(directory.save());
    const std::uint64_t operations = device.operations() - before;
    note_what_missed(shell, device, verb.cut, operations);
    if (device.power_was_cut())
        return answer_cut(shell, {{"booted_slot", nullptr}, {"asked", asked.has_value()}},
                          asked ? "the factory image was restored: the next boot goes on"
                                : "the factory reset was asked for: the next boot tells whether it was recorded");
    need(asked, verb.dir);
    const sim::Status status = sim::status_of(device);
    const Json boot = boot_json(device, report, operations);
    Json json = boot;
    json.update(status_json(device, status));
    if (report.decision == Decision::factory_reset && report.slot)
        return shell.answer(json, boot_line(boot) + status_text(device, status));
    json["cause"] = error_name(not_restored(report, verb.dir).cause);
    shell.if_it_fails(json);
    shell.note(boot_line(boot).substr(0, boot_line(boot).size() - 1));
    throw not_restored(report, verb.dir);
}

}  // namespace

void add_factory_reset_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<ResetVerb>();
    CLI::App* verb =
        shell.verb(app, "factory-reset", "Bring a simulated device back to its factory image",
                   "  switchback factory-reset --device dev", [&shell, v] { reset_to_factory(shell, *v); });
    verb->add_option("--device", v->dir, "device")->required();
    verb->add_flag("--keep-data", v->keep_data, "leave the user's data where they are");
    add_power_cut(*verb, v->cut);
}

void add_device_verbs(CLI::App& app, Shell& shell) {
    CLI::App* group = app.add_subcommand("device", "Simulated devices")->require_subcommand(1);
    group->footer("Example:\n  switchback device status dev");
    add_new(*group, shell);
    add_boot(*group, shell);
    add_simple(*group, shell, "status", "Show slots, state and wear of a device", show_status);
    add_confirm(*group, shell);
    add_read(*group, shell);
    add_device_asks(*group, shell);
}

}  // namespace sb::cli
