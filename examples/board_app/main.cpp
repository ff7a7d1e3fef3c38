// examples/board_app: what every application on a board does for updates, and a console to see it: says what it is,
// tests itself, confirms itself when that passed. An update comes to it in one of two ways: "update" asks the
// bootloader, which waits for a package while the program does not run; with "receive" the program takes the package
// itself and works on meanwhile (receive.hpp), and "reset" has the bootloader try it. Lines end with CR or LF:
//   version  status  receive  update  reset  confirm  crash  hang
#include <new>
#include <string_view>

#include "bootloader/console.hpp"
#include "core/base/error_name.hpp"
#include "core/boot/application.hpp"
#include "core/boot/boot.hpp"
#include "examples/board_app/own_slot.hpp"
#include "examples/board_app/receive.hpp"
#include "examples/board_app/temper.hpp"
#include "ports/bearssl/bearssl_crypto.hpp"
#include "ports/cortex_m/startup.hpp"
#include "ports/identity.hpp"
#include "ports/port.hpp"

namespace sb::board_app {

[[gnu::weak]] void work() {}

[[gnu::weak]] bool obey_too(std::string_view /*line*/) {
    return false;
}

namespace {

using bootloader::print;

void say(std::string_view what, const Result<void>& result) {
    print(what);
    print(result ? std::string_view("done") : std::string_view(error_name(result.error())));
    print("\r\n");
}

class Application {
public:
    void run() {
        at_start();
        port::start();
        started_on_trial_ = introduce() == Phase::trial;
        const bool fit = self_test();
        print(fit ? "self-test passed\r\n" : "self-test failed\r\n");
        if (fit) say("confirm: ", confirm_itself());
        for (;;) {
            port::kick_watchdog();
            if (receives()) {
                receive_on();
            } else if (const auto byte = port::get_byte()) {
                take(*byte);
            }
            work();
        }
    }

private:
    static Phase introduce() {
        const port::Board board = port::board();
        Journal journal(board.map.journal);
        static_cast<void>(journal.open());  // without its records either slot may be the one
        const Result<SlotId> slot = own_slot(board.map, journal.state().boot);
        print("app " APP_VERSION);
        print(!slot ? " slot ?\r\n" : *slot == SlotId::a ? " slot A\r\n" : " slot B\r\n");
        return journal.state().boot.phase;
    }

    void take(std::uint8_t byte) {
        if (byte != '\r' && byte != '\n') {
            if (length_ < line_.size()) line_[length_++] = static_cast<char>(byte);
            return;
        }
        if (length_ != 0) obey({line_.data(), length_});
        length_ = 0;
    }

    void obey(std::string_view command) {
        if (command == "version") return static_cast<void>(introduce());
        if (command == "status") return tell_status();
        if (command == "confirm") return say("confirm: ", confirm_itself());
        if (command == "update") return update();
        if (command == "receive") return receive();
        if (command == "reset") port::reset();
        if (command == "crash") asm volatile("udf #0");
        if (command == "hang") {
            for (;;) asm volatile("");
        }
        if (!obey_too(command)) print("? version status receive update reset confirm crash hang\r\n");
    }

    /// What leads back from an image on trial is locked until the next reset (ports/port.hpp, protect).
    void receive() const {
        if (started_on_trial_) return print("receive: after a reset\r\n");
        begin_to_receive();
    }

    static void update() {
        const Result<void> asked = ask_for_update_mode();
        say("update: ", asked);
        if (asked) port::reset();
    }

    /// In swap and copy the image that is on trial stands in A; the journal calls it the candidate from B.
    Result<void> confirm_itself() {
        const port::Board board = port::board();
        BearsslCrypto crypto;
        SB_TRY_ASSIGN(const Identity identity, read_identity(board.boot, crypto));
        const KeyRing keys(&identity.key, 1);
        Journal journal(board.map.journal);
        SB_TRY(journal.open());
        SB_TRY_ASSIGN(const SlotId slot, own_slot(board.map, journal.state().boot));
        std::array<std::uint8_t, 256> scratch;
        SB_TRY_ASSIGN(const VerifiedImage image,
                      check_slot(board.map, slot, journal.state().boot.phase, crypto, keys, scratch));
        return confirm(journal, slot, image);
    }

    /// What the journal says of the image that runs, and why the last update failed, if it did.
    static void tell_status() {
        const port::Board board = port::board();
        Journal journal(board.map.journal);
        if (const Result<void> opened = journal.open(); !opened) return say("status: ", opened);
        const BootState& boot = journal.state().boot;
        print(boot.phase == Phase::trial ? "status: on trial, " : "status: at rest, ");
        print("last update: ");
        print(boot.cause == Error::none ? "none failed" : error_name(boot.cause));
        print("\r\n");
    }

    static Result<void> ask_for_update_mode() {
        const port::Board board = port::board();
        Journal journal(board.map.journal);
        SB_TRY(journal.open());
        return request_update_mode(journal);
    }

    std::array<char, 16> line_{};
    std::size_t length_ = 0;
    bool started_on_trial_ = false;
};

}  // namespace

}  // namespace sb::board_app

extern "C" void sb_main() {
    sb::board_app::Application().run();
    sb::port::reset();
}
