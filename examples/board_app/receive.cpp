// What a program needs to take updates by itself: the board's map and identity, the journal, memory for a session
// (install_work_bytes() of the decoders that it links), and this, some 2 KB more. The bootloader need not be asked: a
// package that is staged is tried at the next reset, whenever the program finds that right.
#include "examples/board_app/receive.hpp"

#include <optional>

#include "bootloader/console.hpp"
#include "bootloader/ymodem_transfer.hpp"
#include "examples/board_app/own_slot.hpp"
#include "generated/variant.hpp"
#include "ports/bearssl/bearssl_crypto.hpp"

namespace sb::board_app {

namespace {

using bootloader::Device;
using bootloader::Drain;
using bootloader::print;
using bootloader::YmodemTransfer;
using Outcome = YmodemTransfer::Outcome;

alignas(8) constinit std::array<std::uint8_t, bootloader::variant::work_bytes> memory{};

class Reception {
public:
    /// Errors: what of the board cannot be read.
    [[nodiscard]] Result<void> begin();
    /// False: it is over.
    [[nodiscard]] bool go_on();

private:
    void tell();

    port::Board board_ = port::board();
    BearsslCrypto crypto_;
    Identity identity_{};
    Journal journal_{board_.map.journal};
    std::optional<InstallDevice> device_{};
    std::optional<YmodemTransfer> transfer_{};
    std::optional<Drain> drain_{};
    std::uint32_t turns_ = 0;  // that the program's work had
};

Result<void> Reception::begin() {
    SB_TRY_ASSIGN(identity_, read_identity(board_.boot, crypto_));
    SB_TRY(journal_.open());
    device_.emplace(install_device(Device{board_.map, crypto_, KeyRing(&identity_.key, 1), identity_, memory}));
    SB_TRY_ASSIGN(device_->running, own_slot(board_.map, journal_.state().boot));
    transfer_.emplace(*device_, journal_, memory);
    print("receiving, and working on\r\n");
    transfer_->start();
    return {};
}

bool Reception::go_on() {
    ++turns_;
    if (!transfer_->outcome()) {
        transfer_->go_on();
        return true;
    }
    if (!drain_) drain_.emplace();
    if (!drain_->over()) return true;
    tell();
    return false;
}

void Reception::tell() {
    print("\r\nworked on ");
    bootloader::print_number(turns_);
    print(" times meanwhile\r\n");
    if (transfer_->incoming().resumed_from() != 0) {
        print("went on at byte ");
        bootloader::print_number(transfer_->incoming().resumed_from());
        print("\r\n");
    }
    if (*transfer_->outcome() == Outcome::refused) return bootloader::print_cause("refused", transfer_->why());
    print(*transfer_->outcome() == Outcome::staged ? "staged; reset to try it\r\n" : "nobody sent anything\r\n");
}

constinit std::optional<Reception> reception{};

}  // namespace

void begin_to_receive() {
    if (const Result<void> begun = reception.emplace().begin(); !begun) {
        reception.reset();
        bootloader::print_cause("receive", begun.error());
    }
}

bool receives() {
    return reception.has_value();
}

void receive_on() {
    if (!reception->go_on()) reception.reset();
}

}  // namespace sb::board_app
