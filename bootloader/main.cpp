// bootloader: the one program of all boards. It looks at what the journal and the slots hold, has images brought to
// where they run, starts the one that may run, and waits for an update where none may.
// What a board's variant is made of stands in its generated/variant.hpp (cmake/Boards.cmake).
#include "bootloader/device.hpp"
#include "core/boot/boot.hpp"
#include "generated/variant.hpp"
#include "ports/identity.hpp"
#include "ports/port.hpp"

namespace sb::made_for {

bool undoing(bool /*said*/) {
    return bootloader::variant::Moving::undoes;
}

}  // namespace sb::made_for

namespace sb::bootloader {

namespace {

alignas(8) constinit std::array<std::uint8_t, variant::Update::work_bytes> work{};

/// Where images run that do not run from flash.
LoadedImage* loaded_image() {
    if constexpr (::board::scheme == Scheme::ram_load) {
        static RamImage image(port::load_area());
        return &image;
    }
    return nullptr;
}

[[noreturn]] void run() {
    port::start();
    const port::Board board = port::board();
    variant::Crypto crypto;
    const Result<Identity> identity = read_identity(board.boot, crypto);
    if (!identity) variant::Update::without_identity(identity.error());
    const KeyRing keys(&identity->key, 1);
    Journal journal(board.map.journal);
    const Device device{board.map, crypto, keys, *identity, work};
    variant::Moving moving(device);
    const BootReport report = boot(journal, {.map = board.map,
                                             .crypto = crypto,
                                             .keys = keys,
                                             .scratch = moving.scratch(),
                                             .tries = ::board::tries,
                                             .hardware_floor = port::hardware_floor(),
                                             .golden_below_floor = ::board::golden_below_floor,
                                             .supply = port::supply(),
                                             .ram = loaded_image(),
                                             .mover = moving.mover()});
    if (report.slot) {
        variant::Update::before_start(device, journal, report);
        port::protect(board, locks_of(*report.slot, report.state.phase));
        port::start_watchdog();
        port::jump(board.map.slot(*report.slot).address + board.map.header_bytes);
    }
    variant::Update::serve(device, journal, report);
}

}  // namespace

}  // namespace sb::bootloader

extern "C" void sb_main() {
    sb::bootloader::run();
}
