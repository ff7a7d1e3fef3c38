#include "sim/device/transfer.hpp"

#include <algorithm>
#include <random>

namespace sb::sim {
namespace {

constexpr int most_losses_in_a_row = 1000;
constexpr int most_bad_blocks_in_a_row = 3;

using Write = std::function<Result<std::uint64_t>(std::uint64_t offset, Bytes data)>;

class Sender {
public:
    /// `session` tells where the receiver is; `write` is what gets it there.
    Sender(const InstallSession& session, Write write, Bytes package, const TransferOptions& options)
        : session_(session), write_(std::move(write)), package_(package), options_(options), random_(options.seed) {
        report_.sent_up_to = options.sent_before;
        const auto envelope = envelope_bytes(package.first(std::min(package.size(), max_envelope_bytes)));
        if (envelope && *envelope) envelope_bytes_ = **envelope;
    }

    TransferReport run() {
        report_.result = {};
        while (report_.result && !session_.complete()) report_.result = send_one();
        return report_;
    }

private:
    /// Offers one message from where the receiver wants the package.
    Result<void> send_one() {
        const std::uint64_t offset = session_.next_offset();
        if (offset >= package_.size()) return fail(Error::truncated);
        SB_TRY(check_length());
        // The envelope goes first and alone: no payload is sent to a device that does not want it.
        const std::uint64_t end = offset < envelope_bytes_ ? envelope_bytes_ : end_of_payload();
        const auto n = std::min<std::uint64_t>(options_.link.piece_bytes, end - offset);
        count(offset, n);
        if (std::bernoulli_distribution(options_.loss)(random_)) {
            ++report_.lost_messages;
            if (++losses_ > most_losses_in_a_row) return fail(Error::io);
            return {};
        }
        losses_ = 0;
        report_.received_bytes += n;
        const auto next = write_(offset, package_.subspan(static_cast<std::size_t>(offset), n));
        if (next) {
            if (*next > furthest_) bad_blocks_ = 0;  // beyond the block that did not verify
            furthest_ = std::max(furthest_, *next);
            if (options_.on_progress) options_.on_progress(*next);
            return {};
        }
        if (next.error() == Error::bad_digest && ++bad_blocks_ < most_bad_blocks_in_a_row) return {};
        return fail(next.error());
    }

    /// Behind it may come what is for the other slot.
    [[nodiscard]] std::uint64_t end_of_payload() const {
        if (!session_.package()) return package_.size();
        const Package& package = *session_.package();
        return envelope_bytes_ + package.chain_from + package.payload.chain_bytes();
    }

    /// Once the receiver knows how long the package is, a file of another length is not sent.
    [[nodiscard]] Result<void> check_length() const {
        const std::uint64_t wanted = session_.package_bytes();
        if (wanted == 0 || wanted == package_.size()) return {};
        return fail(wanted > package_.size() ? Error::truncated : Error::trailing_data);
    }

    void count(std::uint64_t offset, std::uint64_t n) {
        ++report_.messages;
        report_.sent_bytes += n;
        report_.link_seconds +=
            static_cast<double>(n) * 8 / options_.link.bits_per_second + options_.link.seconds_per_piece;
        const std::uint64_t fresh_from = std::max(offset, report_.sent_up_to);
        report_.resent_bytes += std::min(n, fresh_from - offset);
        report_.sent_up_to = std::max(report_.sent_up_to, offset + n);
    }

    const InstallSession& session_;
    Write write_;
    Bytes package_;
    const TransferOptions& options_;
    std::mt19937_64 random_;
    TransferReport report_;
    std::uint64_t envelope_bytes_ = 0;
    std::uint64_t furthest_ = 0;
    int losses_ = 0;
    int bad_blocks_ = 0;
};

}  // namespace

TransferReport transfer(InstallSession& session, Bytes package, const TransferOptions& options) {
    const Write write = [&session](std::uint64_t offset, Bytes data) { return session.write(offset, data); };
    return Sender(session, write, package, options).run();
}

TransferReport transfer(BootloaderUpdate& update, Bytes package, const TransferOptions& options) {
    const Write write = [&update](std::uint64_t offset, Bytes data) { return update.write(offset, data); };
    return Sender(update.session(), write, package, options).run();
}

}  // namespace sb::sim
