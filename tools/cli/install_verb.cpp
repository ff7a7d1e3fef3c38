// switchback install: a package into a simulated device, over a simulated link.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <optional>

#include "core/base/error_name.hpp"
#include "sim/device/directory.hpp"
#include "sim/device/transfer.hpp"
#include "tools/cli/device_report.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/power_cut.hpp"
#include "tools/cli/progress.hpp"
#include "tools/cli/reverse_pack.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/layout/decoders.hpp"
#include "tools/pack/build_package.hpp"

namespace sb::cli {
namespace {

using sim::Access;
using sim::Directory;

struct InstallVerb {
    std::string package;
    std::string dir;
    std::string link = "uart";
    std::string loss = "0";
    PowerCutOptions cut;
};

/// "5%" or "0.05" as a part of 1.
double loss_of(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double part = rest == "%" ? value / 100 : value;
    if (error != std::errc{} || !(rest.empty() || rest == "%") || std::isnan(part) || part < 0 || part > 0.95)
        throw Failure(Exit::usage, fmt::format("'{}' is not a loss", text), "--loss", "write 0% to 95%, e.g. 5%");
    return part;
}

/// What a run of the verb did, for its answer.
struct Outcome {
    std::string result{};
    Error cause = Error::none;
    sim::TransferReport sent{};
    std::uint64_t accepted_bytes = 0;
    std::uint64_t resumed_from = 0;
    std::uint64_t package_bytes = 0;
    std::uint64_t operations = 0;
    std::uint64_t stopped_at = 0;  ///< where a refused package was; 0 in the envelope
    bool cut = false;
    std::optional<Package> package{};  ///< as the device read it
    bool bootloader = false;           ///< it was a package for the bootloader
    bool on_trial = false;             ///< the device had tried it before
};

Json outcome_json(const Outcome& o, const InstallVerb& verb) {
    return {{"result", o.result},
            {"accepted_bytes", o.accepted_bytes},
            {"resumed_from", o.resumed_from},
            {"cut", o.cut},
            {"cause", error_name(o.cause)},
            {"package_bytes", o.package_bytes},
            {"sent_bytes", o.sent.sent_bytes},
            {"received_bytes", o.sent.received_bytes},
            {"resent_bytes", o.sent.resent_bytes},
            {"messages", o.sent.messages},
            {"lost_messages", o.sent.lost_messages},
            {"link", verb.link},
            {"link_seconds", o.sent.link_seconds},
            {"operations", o.operations}};
}

std::string link_text(const Outcome& o, const InstallVerb& verb) {
    const auto model = sim::find_link(verb.link);
    return fmt::format(
        "{} bytes sent in {} messages ({} lost), {} of them not for the first time; about {:.1f} s over "
        "{} ({})\n",
        o.sent.sent_bytes, o.sent.messages, o.sent.lost_messages, o.sent.resent_bytes, o.sent.link_seconds, verb.link,
        model->facts);
}

std::string outcome_text(const Outcome& o, const InstallVerb& verb) {
    if (o.cut)
        return fmt::format(
                   "the power was cut at flash operation {} of this install; {} of {} bytes are recorded as "
                   "accepted\n",
                   o.operations, o.accepted_bytes, o.package_bytes) +
               link_text(o, verb);
    if (o.bootloader) return "sealed: the next 'switchback device boot' starts this bootloader\n" + link_text(o, verb);
    std::string text = o.on_trial ? "this image is on trial already: 'switchback device confirm' keeps it\n"
                                  : "staged: the next 'switchback device boot' tries the new image\n";
    if (o.resumed_from != 0) text += fmt::format("went on at byte {} of {}\n", o.resumed_from, o.package_bytes);
    return text + link_text(o, verb);
}

/// A device without power first goes through its bootloader, as any device does.
void power_up(Shell& shell, sim::Device& device) {
    if (device.running()) return;
    const BootReport report = device.reset();
    if (report.slot)
        shell.note(fmt::format("the device was off; its bootloader started slot {} ({})", slot_name(*report.slot),
                               decision_name(report.decision)));
    else
        shell.note(report.cause == Error::none
                       ? "the device was off; its bootloader waits in update mode"
                       : "the device was off; its bootloader found nothing to start and is in update mode");
}

/// Whether it is for the device's bootloader. What cannot be read is for nobody, as the session will say.
bool is_for_bootloader(sim::Device& device, const Buffer& package) {
    if (device.bootloader_map() == nullptr) return false;
    const auto length = envelope_bytes(Bytes(package).first(std::min(package.size(), max_envelope_bytes)));
    if (!length || !*length || **length > package.size()) return false;
    const auto opened = open_package(Bytes(package).first(**length), device.crypto(), device.keys());
    return opened && opened->manifest.device_class == device.bootloader_install_device(SlotId::a).device_class;
}

sim::TransferOptions options_of(const InstallVerb& verb, std::uint64_t sent_before, ProgressBar& bar) {
    return {.link = *sim::find_link(verb.link),
            .loss = loss_of(verb.loss),
            .seed = verb.cut.seed,
            .sent_before = sent_before,
            .on_progress = [&bar](std::uint64_t offset) { bar.update(offset); }};
}

/// How it ended, from what the last step answered.
void conclude(Outcome& o, const InstallSession& session, const Result<void>& done) {
    o.package = session.package();
    o.stopped_at = session.package() ? session.next_offset() : 0;
    o.result = done ? "staged" : o.cut ? "cut" : done.error() == Error::low_battery ? "paused" : "refused";
    if (!done) o.cause = done.error();
}

/// The same of a package for the bootloader, which is sealed instead of staged. Nothing is recorded on the way.
Outcome send_bootloader(sim::Device& device, const Buffer& package, const InstallVerb& verb,
                        std::uint64_t sent_before) {
    Outcome o{.package_bytes = package.size(), .bootloader = true};
    const std::optional<SlotId> running = device.bootloader_copy();
    if (!running) throw Failure(Exit::no, "no copy of the bootloader is whole", verb.dir, "make the device again");
    arm(device, verb.cut);
    const std::uint64_t before = device.operations();
    sim::BootloaderInstallation installation(device, *running);
    BootloaderUpdate& update = installation.update();
    ProgressBar bar("installing", package.size());
    o.sent = sim::transfer(update, package, options_of(verb, sent_before, bar));
    Result<void> done = o.sent.result;
    if (done) done = update.seal();
    o.operations = device.operations() - before;
    o.cut = device.power_was_cut();
    conclude(o, update.session(), done);
    if (done) o.result = "sealed";
    return o;
}

/// Sends the package and stages the image. The operations that count for --power-cut are those from here on.
Outcome send(sim::Device& device, const Buffer& package, const InstallVerb& verb, std::uint64_t sent_before) {
    if (is_for_bootloader(device, package)) return send_bootloader(device, package, verb, sent_before);
    Outcome o{.package_bytes = package.size()};
    // What led back from the image that was just confirmed stays locked until a device's next reset.
    if (device.waits_for_reset()) {
        spdlog::debug("the device is reset: the image that runs has just confirmed itself");
        static_cast<void>(device.reset());
    }
    arm(device, verb.cut);
    const std::uint64_t before = device.operations();
    sim::Installation installation(device);
    InstallSession& session = installation.session();
    ProgressBar bar("installing", package.size());
    o.sent = sim::transfer(session, package, options_of(verb, sent_before, bar));
    spdlog::debug("the session went on at {}, ended at {}; {} flash operations", session.resumed_from(),
                  session.next_offset(), device.operations() - before);
    Result<void> done = o.sent.result;
    if (done) done = session.stage();
    o.operations = device.operations() - before;
    o.cut = device.power_was_cut();
    o.accepted_bytes = installation.accepted_bytes();
    o.resumed_from = session.resumed_from();
    o.on_trial = done && installation.phase() == Phase::trial;
    conclude(o, session, done);
    return o;
}

/// What the payload would need, and what there is.
std::string needs_and_offers(const Package& package, const layout::Layout& layout) {
    std::string offers;
    for (const DecoderOffer& offer : layout.decoders)
        offers += (offers.empty() ? "" : ", ") + layout::show_decoder(offer);
    return fmt::format("the payload is {} and needs {} bytes of memory; the device decodes {}",
                       pack::format_name(package.payload.format), package.payload.decoder_ram_bytes, offers);
}

/// What the device's scheme has to do with it that it refused.
Failure refusal_of(const Outcome& o, const InstallVerb& verb, Scheme scheme) {
    Failure failure = failure_of(o.cause, o.stopped_at == 0 ? verb.package + ", envelope"
                                                            : fmt::format("{}, offset {}", verb.package, o.stopped_at));
    if (o.cause == Error::low_battery) {
        failure.what_failed = "paused: " + failure.what_failed;
        failure.fix = fmt::format("raise it ('switchback device supply {} MILLIVOLTS') and install again: it {}",
                                  verb.dir, o.bootloader ? "starts anew" : "goes on");
    }
    if (scheme != Scheme::inplace && o.cause == Error::no_way_back)
        failure.fix =
            "pack with --layout, --from and --reverse, give the device a factory image, or write accept_no_way_back = "
            "true in the layout";
    if (scheme == Scheme::single && o.cause == Error::bad_state) {
        failure.what_failed = "the only slot runs and cannot be written (bad_state)";
        failure.where = verb.dir;
        failure.fix =
            fmt::format("run 'switchback device update-mode {0}' and 'switchback device boot {0}' first", verb.dir);
    }
    const bool is_delta = o.package && o.package->payload.source_digest;
    if (scheme == Scheme::single && o.cause == Error::wrong_source && !is_delta) {
        failure.what_failed = "its reverse patch leads back to another image than the one in slot A (wrong_source)";
        failure.fix = "pack with --from the image that the device has";
    } else if (scheme == Scheme::single && o.cause == Error::wrong_source) {
        failure.what_failed =
            "a delta, and the device has one slot: what it would lean on is overwritten (wrong_source)";
        failure.fix = "pack without --from";
    }
    return failure;
}

[[noreturn]] void refuse(Shell& shell, const Outcome& o, const InstallVerb& verb, const layout::Layout& layout) {
    shell.if_it_fails(outcome_json(o, verb));
    if (o.cause == Error::bad_state && layout.scheme == Scheme::inplace)
        throw Failure(Exit::no, "the only slot runs and can only be rewritten by a patch", verb.package,
                      "pack with --layout and --from the running image, or ask for update mode first "
                      "('switchback device update-mode')");
    const layout::RegionSpec* const receives = layout.region(has_one_slot(layout.scheme) ? "slot_a" : "slot_b");
    if (o.cause == Error::too_large && o.package && o.package->payload.reverse &&
        o.package->manifest.image_bytes <= receives->bytes) {
        const std::uint64_t needed = kept_bytes(*o.package, o.package_bytes - o.package->chains_bytes);
        shell.note(fmt::format("the reverse patch and the envelope have {} bytes, there is room for {}", needed,
                               reverse_room(layout, o.package->manifest.image_bytes)));
    }
    if (o.cause == Error::no_decoder && o.package) shell.note(needs_and_offers(*o.package, layout));
    throw refusal_of(o, verb, layout.scheme);
}

/// What a careful sender looks at before it disturbs a device: that the file holds the whole chain its envelope
/// announces. Whether the envelope itself is any good is for the device to say.
void check_payload(const std::string& path, const Buffer& package, sim::Device& device) {
    const auto length = envelope_bytes(Bytes(package).first(std::min(package.size(), max_envelope_bytes)));
    if (!length || !*length || **length > package.size()) return;
    const auto builds = pack::open_builds(Bytes(package).first(**length), device.crypto(), device.keys());
    if (builds) static_cast<void>(check_chains(path, package, {.builds = *builds, .envelope_bytes = **length}));
}

void install(Shell& shell, const InstallVerb& verb) {
    static_cast<void>(loss_of(verb.loss));
    const Buffer package = read_file(verb.package);
    Directory directory = need(Directory::open(verb.dir, Access::write));
    sim::Device& device = directory.device();
    try {
        check_payload(verb.package, package, device);
    } catch (const Failure& failure) {
        shell.if_it_fails(
            outcome_json({.result = "refused", .cause = failure.cause, .package_bytes = package.size()}, verb));
        throw;
    }
    power_up(shell, device);
    const std::uint64_t sent_before = directory.sent_before(package);
    const Outcome o = send(device, package, verb, sent_before);
    device.forget_if_cut();
    const bool goes_on = o.cut || o.result == "paused";
    directory.remember_sent(package, goes_on ? o.sent.sent_up_to : 0);
    need(directory.save());
    if (o.result != "refused") note_what_missed(shell, device, verb.cut, o.operations);
    if (o.result == "refused" || o.result == "paused") refuse(shell, o, verb, device.layout());
    shell.answer(outcome_json(o, verb), outcome_text(o, verb));
    if (o.cut) shell.leave_with(Exit::power_cut);
}

}  // namespace

void add_install_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<InstallVerb>();
    CLI::App* verb = shell.verb(app, "install", "Install a package into a simulated device",
                                "  switchback install update.swb --device dev --link ble --loss 5% --power-cut 300",
                                [&shell, v] { install(shell, *v); });
    verb->add_option("PACKAGE", v->package, "package (.swb)")->required();
    verb->add_option("--device", v->dir, "device directory")->required();
    std::vector<std::string> links;
    for (const sim::LinkModel& model : sim::link_models()) links.emplace_back(model.name);
    verb->add_option("--link", v->link, "how the bytes travel: decides the size of the pieces and the time")
        ->check(CLI::IsMember(links))
        ->capture_default_str();
    verb->add_option("--loss", v->loss, "part of the messages that do not arrive, e.g. 5%")->capture_default_str();
    add_power_cut(*verb, v->cut);
}

}  // namespace sb::cli
