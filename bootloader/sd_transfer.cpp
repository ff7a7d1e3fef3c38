#include "bootloader/sd_transfer.hpp"

#include "bootloader/console.hpp"
#include "bootloader/installation.hpp"
#include "ports/card.hpp"
#include "ports/port.hpp"

namespace sb::bootloader {

namespace {

constexpr std::string_view name_on_card = "UPDATE  SWB";

/// Says how far a session is, at each tenth.
class Progress {
public:
    /// In 32 bits, as files count: a division of more would cost a device a kilobyte.
    void tell(std::uint32_t done, std::uint32_t all) {
        const std::uint32_t tenth = all / 10;
        if (tenth == 0 || done / tenth == told_ || done / tenth > 10) return;
        told_ = done / tenth;
        print_number(told_ * 10);
        print(" %\r\n");
    }

private:
    std::uint32_t told_ = 0;
};

/// Whether a package that is being received is another one than these ids'.
bool belongs_to_another(const State& state, const ShortDigest& package) {
    const bool under_way = state.boot.phase == Phase::writing || state.boot.phase == Phase::candidate;
    return under_way && state.install.package != package;
}

}  // namespace

SdTransfer::SdTransfer(const Device& device, Journal& journal, std::optional<SlotId> running)
    : device_(device), journal_(journal), running_(running) {}

bool SdTransfer::run(Again again) {
    FatVolume volume(port::card());
    const Result<void> opened = volume.open();
    const Result<std::optional<FatEntry>> entry = opened ? volume.find(name_on_card) : fail(opened.error());
    if (!entry) print_cause("card", entry.error());
    if (!entry || !*entry) return false;

    FatFile file(volume, **entry);
    const Result<Bytes> envelope = read_envelope(file);
    const Ids ids = ids_of(envelope.value_or(Bytes{}), **entry);
    if (was_dealt_with(ids, again)) return false;
    print("card: UPDATE.SWB, ");
    print_number(file.bytes());
    print(" bytes\r\n");
    if (!envelope) return refuse(ids, envelope.error());
    const Result<bool> runs = is_what_runs(*envelope);
    if (!runs) return refuse(ids, runs.error());
    if (*runs) {
        print("card: that is what runs\r\n");
        remember_installed(ids);
        return false;
    }
    const Result<void> installed = install(file);
    return installed || refuse(ids, installed.error());
}

/// Into the first bytes of the work memory. Errors: those of envelope_bytes and of the file; too_large.
Result<Bytes> SdTransfer::read_envelope(FatFile& file) const {
    std::size_t filled = 0;
    while (filled < max_envelope_bytes) {
        SB_TRY_ASSIGN(Bytes piece, file.read(static_cast<std::uint32_t>(filled)));
        if (piece.size() > max_envelope_bytes - filled) piece = piece.first(max_envelope_bytes - filled);
        copy(device_.work.subspan(filled), piece);
        filled += piece.size();
        SB_TRY_ASSIGN(const std::optional<std::size_t> length, envelope_bytes(device_.work.first(filled)));
        if (length && *length <= filled) return device_.work.first(*length);
    }
    return fail(Error::too_large);
}

SdTransfer::Ids SdTransfer::ids_of(Bytes envelope, const FatEntry& entry) const {
    std::array<std::uint8_t, 12> place;
    store_le<std::uint32_t>(place, 0, entry.first_cluster);
    store_le<std::uint32_t>(place, 4, entry.bytes);
    store_le<std::uint32_t>(place, 8, entry.written);
    Sha256 hash(device_.crypto);
    hash.update(envelope);
    const ShortDigest package = shorten(hash.digest());
    hash.update(place);
    return {.package = package, .file = shorten(hash.digest())};
}

/// Costs no signature.
bool SdTransfer::was_dealt_with(const Ids& ids, Again again) const {
    const State state = state_of(journal_, device_.map);
    const ShortDigest& known = state.install.package;
    const Phase phase = state.boot.phase;
    if (known != ids.package && known != ids.file) return false;
    if (phase == Phase::writing || phase == Phase::candidate) return false;
    if (phase != Phase::failed) {
        // What was installed once need not stand in a slot any more, and in update mode there is time to look.
        if (!running_) return false;
        print("card: UPDATE.SWB was installed\r\n");
        return true;
    }
    if (again == Again::yes) return false;
    print_cause("card: UPDATE.SWB is not tried again", state.boot.cause);
    return true;
}

/// By what the slot holds that is active. Errors: those of open_package.
Result<bool> SdTransfer::is_what_runs(Bytes envelope) const {
    const BootState state = state_of(journal_, device_.map).boot;
    const std::size_t build = device_.map.one_address() ? 0 : index_of(state.active);
    SB_TRY_ASSIGN(const Package package, open_package(envelope, device_.crypto, device_.keys, build));
    const Result<VerifiedImage> image = check_slot(device_.map, state.active, state.phase, device_.crypto, device_.keys,
                                                   device_.work.subspan(max_envelope_bytes));
    return image && image->digest == package.manifest.image_digest;
}

/// What the session wants, in its order. A block that does not verify may have come over the wire wrongly.
Result<void> SdTransfer::install(FatFile& file) const {
    constexpr int most_faults = 3;
    const InstallDevice install = install_device(device_, running_);
    InstallSession session(install, journal_, device_.work);
    Progress progress;
    for (int faults = 0; !session.complete();) {
        port::kick_watchdog();
        const std::uint64_t wanted = session.next_offset();
        if (wanted >= file.bytes()) return fail(Error::truncated);
        SB_TRY_ASSIGN(const Bytes piece, file.read(static_cast<std::uint32_t>(wanted)));
        const Result<std::uint64_t> next = session.write(wanted, piece);
        if (!next && (next.error() != Error::bad_digest || ++faults == most_faults)) return fail(next.error());
        if (next && *next <= wanted) return fail(Error::bad_state);
        progress.tell(static_cast<std::uint32_t>(session.next_offset()),
                      static_cast<std::uint32_t>(session.package_bytes()));
    }
    return session.stage();
}

/// Where nothing can be recorded the next start finds out the same once more, here and below.
void SdTransfer::remember_installed(const Ids& ids) const {
    State next = state_of(journal_, device_.map);
    if (!is_rest(next.boot.phase) || belongs_to_another(next, ids.package)) return;
    next.install.package = ids.package;
    if (next.boot.phase == Phase::failed) {
        next.boot.phase = Phase::ready;
        next.boot.cause = Error::none;
    }
    if (next != journal_.state()) static_cast<void>(journal_.commit(next));
}

void SdTransfer::remember_refused(const Ids& ids, Error why) const {
    State next = state_of(journal_, device_.map);
    if (goes_on_by_itself(why) || !is_rest(next.boot.phase) || belongs_to_another(next, ids.package)) return;
    next.install.package = ids.file;
    next.boot.phase = Phase::failed;
    next.boot.cause = why;
    static_cast<void>(journal_.commit(next));
}

bool SdTransfer::refuse(const Ids& ids, Error why) const {
    print_cause("refused", why);
    remember_refused(ids, why);
    return false;
}

}  // namespace sb::bootloader
