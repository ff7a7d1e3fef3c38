// switchback device update-mode, data-format, supply: what the application of a simulated device asks and says, and
// what its battery gives.
#include <fmt/format.h>

#include <memory>

#include "sim/device/directory.hpp"
#include "tools/cli/device_report.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/verbs.hpp"

namespace sb::cli {
namespace {

using sim::Access;
using sim::Directory;

void answer_with_status(Shell& shell, Directory& directory, const std::string& said) {
    const sim::Status status = sim::status_of(directory.device());
    shell.answer(status_json(directory.device(), status), said + "\n" + status_text(directory.device(), status));
}

void need_power(const sim::Device& device, const std::string& dir) {
    if (!device.running()) throw Failure(Exit::no, "the device is off", dir, "run 'switchback device boot' first");
}

struct UpdateModeVerb {
    std::string dir;
    bool leave = false;
};

/// An update that is staged, on trial or given up comes first.
Failure cannot_wait(Phase phase, const std::string& dir) {
    if (phase == Phase::reverting)
        return {Exit::no, "the device waits for an update already: the last one was refused (bad_state)", dir,
                "install an update"};
    return {Exit::no, "an update is staged, on trial or on its way back (bad_state)", dir,
            "run 'switchback device boot', and 'device confirm' or more boots, until it has ended"};
}

void change_update_mode(Shell& shell, const UpdateModeVerb& verb) {
    Directory directory = need(Directory::open(verb.dir, Access::write));
    sim::Device& device = directory.device();
    need_power(device, verb.dir);
    const BootState before = sim::status_of(device).boot;
    const Result<void> done = verb.leave ? device.leave_update_mode() : device.ask_for_update_mode();
    if (!done && done.error() == Error::bad_state) throw cannot_wait(before.phase, verb.dir);
    need(done, verb.dir);
    need(directory.save());
    const char* const left = before.request == Request::update_mode ? "the next boot starts what there is to start"
                                                                    : "update mode was not asked for: nothing changes";
    answer_with_status(shell, directory,
                       verb.leave ? left : "the next boots wait for an update, until one is staged or --leave");
}

void add_update_mode(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<UpdateModeVerb>();
    CLI::App* verb = shell.verb(group, "update-mode", "Ask the bootloader to wait for an update",
                                "  switchback device update-mode dev", [&shell, v] { change_update_mode(shell, *v); });
    verb->add_option("DIR", v->dir, "device")->required();
    verb->add_flag("--leave", v->leave, "the bootloader has waited long enough");
}

struct DataFormatVerb {
    std::string dir;
    std::uint8_t format = 0;
};

void register_format(Shell& shell, const DataFormatVerb& verb) {
    Directory directory = need(Directory::open(verb.dir, Access::write));
    sim::Device& device = directory.device();
    if (!device.running() || !device.running()->slot)
        throw Failure(Exit::no, "no application runs that could register its data", verb.dir,
                      "run 'switchback device boot' first");
    need(device.register_data_format(verb.format), verb.dir);
    need(directory.save());
    answer_with_status(shell, directory, fmt::format("registered: the data are in format {}", verb.format));
}

void add_data_format(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<DataFormatVerb>();
    CLI::App* verb = shell.verb(group, "data-format", "Let the running image register the format of its data",
                                "  switchback device data-format dev 3", [&shell, v] { register_format(shell, *v); });
    verb->add_option("DIR", v->dir, "device")->required();
    verb->add_option("FORMAT", v->format, "0 to 127, rising from one version of the data to the next")
        ->required()
        ->check(CLI::Range(0, 127));
}

struct SupplyVerb {
    std::string dir;
    std::uint32_t millivolts = 0;
};

void set_supply(Shell& shell, const SupplyVerb& verb) {
    Directory directory = need(Directory::open(verb.dir, Access::write));
    if (directory.device().layout().low_battery_millivolts == 0)
        throw Failure(Exit::no, "this layout takes no care of the battery", verb.dir,
                      "add [supply] with low_millivolts to the layout");
    directory.device().battery().millivolts = verb.millivolts;
    need(directory.save());
    answer_with_status(shell, directory, fmt::format("the battery gives {} mV", verb.millivolts));
}

void add_supply(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<SupplyVerb>();
    CLI::App* verb = shell.verb(group, "supply", "Set what the battery of a simulated device gives",
                                "  switchback device supply dev 2900", [&shell, v] { set_supply(shell, *v); });
    verb->add_option("DIR", v->dir, "device")->required();
    verb->add_option("MILLIVOLTS", v->millivolts, "at the device's supply pins")
        ->required()
        ->check(CLI::Range(0, 1'000'000));
}

}  // namespace

void add_device_asks(CLI::App& group, Shell& shell) {
    add_update_mode(group, shell);
    add_data_format(group, shell);
    add_supply(group, shell);
}

}  // namespace sb::cli
