#include "bootloader/network_update.hpp"

#include "bootloader/console.hpp"
#include "bootloader/tftp_transfer.hpp"
#include "bootloader/ymodem_transfer.hpp"
#include "ports/port.hpp"

namespace sb::bootloader {

namespace {

constexpr std::uint32_t second = 1'000'000;
constexpr std::string_view default_name = "UPDATE.SWB";
constexpr unsigned most_own_tries = 3;
constexpr std::uint32_t first_pause = 10 * second;  // the next ones are twice as long each

void print_address(Ip4 address) {
    for (unsigned shift = 32; shift != 0; shift -= 8) {
        print_number(address >> (shift - 8) & 0xFFU);
        if (shift != 8) print(".");
    }
}

/// Listens to the console and to the clock, and makes requests of both.
class Desk final : public Bystander {
public:
    explicit Desk(Network& network) : network_(network) {}

    [[nodiscard]] bool hear(std::uint8_t byte) override {
        since_ = port::microseconds();
        if (byte != '\r' && byte != '\n') {
            if (byte >= ' ' && length_ < line_.size()) line_[length_++] = static_cast<char>(byte);
            return false;
        }
        const std::string_view line(line_.data(), length_);
        length_ = 0;
        if (line.empty()) return false;
        const Result<TftpRequest> parsed = parse_tftp_request(line);
        if (!parsed) {
            print("\r\n? tftp SERVER[:PORT] NAME\r\n");
            return false;
        }
        request_ = *parsed;
        return true;
    }

    [[nodiscard]] bool idle() override {
        network_.poll();
        if (!told_ && network_.address()) tell_address();
        if (own_tries_ == most_own_tries || length_ != 0) return false;
        if (port::microseconds() - since_ < first_pause << own_tries_) return false;
        const std::optional<Ip4> server = network_.next_server();
        if (!server) return false;
        ++own_tries_;
        request_ = {.server = *server, .name = default_name};
        return true;
    }

    /// What interrupted. Good until the next byte is heard.
    [[nodiscard]] const TftpRequest& request() const { return request_; }
    /// The silence begins anew.
    void rest() { since_ = port::microseconds(); }

private:
    void tell_address() {
        told_ = true;
        print("\r\naddress ");
        print_address(*network_.address());
        print("\r\n");
    }

    Network& network_;
    TftpRequest request_;
    std::array<char, 128> line_{};
    std::size_t length_ = 0;
    std::uint32_t since_ = port::microseconds();
    unsigned own_tries_ = 0;
    bool told_ = false;
};

/// Whether an update was staged.
bool fetch(Network& network, const TftpRequest& request, const InstallDevice& install, Journal& journal,
           MutableBytes work) {
    print("\r\ntftp ");
    print_address(request.server);
    print(" ");
    print(request.name);
    print("\r\n");
    TftpTransfer transfer(network, install, journal, work);
    if (transfer.run(request)) return true;
    if (const auto error = transfer.server_error()) {
        print("the server's error ");
        print_number(*error);
        print("\r\n");
    }
    print_cause("refused", transfer.why());
    return false;
}

/// Whether somebody sent an update or told where one is that is staged now; false: nobody is there.
bool receive(Network& network, const InstallDevice& install, Journal& journal, MutableBytes work) {
    using Outcome = YmodemTransfer::Outcome;
    Desk desk(network);
    for (;;) {
        Outcome outcome;
        {
            YmodemTransfer transfer(install, journal, work, &desk);
            outcome = transfer.run();
            if (outcome == Outcome::refused) {
                drain();
                print_cause("\r\nrefused", transfer.why());
            }
        }
        if (outcome == Outcome::staged) return true;
        if (outcome == Outcome::nobody) return false;
        if (outcome == Outcome::interrupted && fetch(network, desk.request(), install, journal, work)) return true;
        desk.rest();
    }
}

}  // namespace

void NetworkUpdate::serve(const Device& device, Journal& journal, const BootReport& report) {
    print_cause("\r\nupdate mode", report.cause);
    const InstallDevice install = install_device(device);
    Network network;
    network.start();
    static_cast<void>(receive(network, install, journal, device.work));
    leave(journal);
}

void NetworkUpdate::without_identity(Error why) {
    stop_without_identity(why);
}

}  // namespace sb::bootloader
