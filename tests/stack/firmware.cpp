// How much stack the core takes on a Cortex-M0: a firmware that installs a full and a delta package, is interrupted
// and goes on, boots, confirms, loses its journal, and reports how deep the painted stack was used by each. What a
// program would keep anyway (session, work memory, journal) is static. Cryptography is left out on purpose: SHA-256
// keeps its state in static memory here and every signature is taken; a port adds what its library needs.
#include <algorithm>
#include <new>

#include "core/boot/application.hpp"
#include "core/boot/boot.hpp"
#include "core/delta/endsley_lzma.hpp"
#include "core/delta/raw.hpp"
#include "core/install/session.hpp"
#include "tests/stack/fixture.hpp"
#include "tests/stack/machine.hpp"
#include "tests/stack/ram_flash.hpp"
#include "tests/stack/sha256_static.hpp"

namespace sb::stack {

namespace {

constexpr std::uint32_t slot_bytes = 16 * RamFlash::unit_bytes;
constexpr std::uint32_t journal_bytes = journal_pages * RamFlash::unit_bytes;
constexpr std::uint32_t max_block_bytes = 1024;
constexpr std::uint32_t piece_bytes = 64;

constexpr std::array<DecoderEntry, 2> decoders = {raw_decoder, endsley_lzma_decoder};
constexpr std::uint32_t decoder_ram = decoder_ram_bytes(PayloadFormat::endsley_lzma, fixture_dictionary_bytes);
constexpr std::array<DecoderOffer, 2> offers = {{{PayloadFormat::raw, 0}, {PayloadFormat::endsley_lzma, decoder_ram}}};

constexpr std::uint32_t session_limit_bytes = 4096;
constexpr std::uint32_t session_bytes = sizeof(InstallSession) + install_work_bytes(max_block_bytes, 0);
static_assert(session_bytes <= session_limit_bytes, "an install session and its buffers, without the decoder's memory");

std::array<std::uint8_t, 2 * slot_bytes + journal_bytes> cells;
constinit RamFlash flash(cells);
constinit StaticCrypto crypto;
alignas(8) std::array<std::uint8_t, install_work_bytes(max_block_bytes, decoder_ram)> work;
alignas(InstallSession) std::array<std::uint8_t, sizeof(InstallSession)> session_memory;
alignas(Journal) std::array<std::uint8_t, sizeof(Journal)> journal_memory;
std::array<std::uint8_t, 64> scratch;
constinit std::array<TrustedKey, 1> keys{};
constinit FlashMap map{};

/// Status with which the firmware leaves when something did not go as it must.
enum Trouble : std::uint32_t {
    no_fixture = 10,
    stack_not_measured,
    factory_failed,
    journal_not_open,
    not_resumed,
    not_staged,
    wrong_boot,
    not_confirmed,
    fault = 99,
    install_failed = 100,  // plus the Error
};

Bytes part(FixturePart wanted) {
    return fixture_part(Bytes(fixture_begin, fixture_limit_bytes), wanted);
}

void make_map() {
    map.slots[0] = {Region(flash, 0, slot_bytes), 0};
    map.slots[1] = {Region(flash, slot_bytes, slot_bytes), slot_bytes};
    map.journal = Region(flash, 2 * slot_bytes, journal_bytes);
    map.header_bytes = fixture_header_bytes;
    copy(keys[0].key, part(FixturePart::key));
    keys[0].hash = key_hash(crypto, keys[0].key);
}

/// After a reset the journal is read anew.
Journal& new_journal() {
    return *new (journal_memory.data()) Journal(map.journal);
}

void leave_factory() {
    flash.load(part(FixturePart::old_image));
    Journal& journal = new_journal();
    static_cast<void>(journal.open());
    State state;
    state.boot.confirmed_a = true;
    if (!journal.commit(state)) leave(factory_failed);
}

/// Offers `package` to a new session until it is complete, or until it took `enough` bytes. Answers the offset that
/// followed the envelope: 0 when nothing was resumed.
std::uint64_t install(Bytes package, std::size_t enough = SIZE_MAX) {
    Journal& journal = new_journal();
    if (!journal.open()) leave(journal_not_open);
    InstallDevice device{.map = map, .crypto = crypto, .keys = keys, .decoders = decoders, .offers = offers};
    device.max_block_bytes = max_block_bytes;
    copy(device.vendor, part(FixturePart::vendor));
    copy(device.device_class, part(FixturePart::device_class));
    auto& session = *new (session_memory.data()) InstallSession(device, journal, work);
    std::size_t next = 0;
    while (!session.complete() && next < enough) {
        const Bytes rest = package.subspan(std::min(next, package.size()));
        const Result<std::uint64_t> wanted =
            session.write(next, rest.first(std::min<std::size_t>(piece_bytes, rest.size())));
        if (!wanted) leave(install_failed + static_cast<std::uint32_t>(wanted.error()));
        next = static_cast<std::size_t>(*wanted);
    }
    if (session.complete() && !session.stage()) leave(not_staged);
    return session.resumed_from();
}

void boot_expecting(Decision decision, SlotId slot) {
    const BootReport report = boot(new_journal(), {.map = map, .crypto = crypto, .keys = keys, .scratch = scratch});
    if (report.slot != slot || report.decision != decision) leave(wrong_boot);
}

void confirm_new() {
    Journal& journal = new_journal();
    if (!journal.open()) leave(journal_not_open);
    const Result<VerifiedImage> image = check_slot(map, SlotId::b, Phase::trial, crypto, keys, scratch);
    if (!image || !confirm(journal, SlotId::b, *image)) leave(not_confirmed);
}

void wipe_journal() {
    for (std::uint32_t at = 0; at < journal_bytes; at += RamFlash::unit_bytes) {
        if (!map.journal.erase(at)) leave(factory_failed);
    }
}

/// The measure itself: a function with 1000 bytes of locals uses that and little more.
void check_the_measure() {
    const std::uint32_t used = stack_used_by([] {
        std::array<std::uint8_t, 1000> block;
        for (volatile std::uint8_t& byte : block) byte = 1;
    });
    if (used < 1000 || used > 1100) leave(stack_not_measured);
}

template <class Work>
void measure(const char* name, Work work_to_do) {
    print(name, stack_used_by(work_to_do));
}

void run() {
    check_the_measure();
    if (part(FixturePart::key).size() != sizeof(PublicKey)) leave(no_fixture);
    make_map();
    const Bytes full = part(FixturePart::full_package);
    const Bytes delta = part(FixturePart::delta_package);

    leave_factory();
    measure("stack: install a full package", [&] { install(full); });
    leave_factory();
    measure("stack: install a delta package", [&] { install(delta); });
    measure("stack: boot into the new image", [] { boot_expecting(Decision::trial, SlotId::b); });
    measure("stack: confirm the new image", [] { confirm_new(); });
    wipe_journal();
    measure("stack: boot without a journal", [] { boot_expecting(Decision::recovered, SlotId::b); });

    leave_factory();
    install(full, full.size() / 2);
    measure("stack: go on with a full package", [&] {
        if (install(full) == 0) leave(not_resumed);
    });

    print("memory: install session and its buffers", session_bytes);
    print("memory: decoder endsley+lzma without dictionary", decoder_ram - fixture_dictionary_bytes);
    print("memory: journal", sizeof(Journal));
    print("flash: core as linked", static_cast<std::uint32_t>(core_end - core_begin));
    leave(0);
}

[[noreturn]] void on_fault() {
    leave(fault);
}

}  // namespace

}  // namespace sb::stack

extern "C" {
extern std::uint32_t stack_top[];  // NOLINT: from the linker script
void reset_handler() {
    sb::stack::run();
}

// ARMv6-M Architecture Reference Manual, B1.5.3: stack pointer, reset, NMI, HardFault.
[[gnu::section(".vectors"), gnu::used]] const void* const vectors[4] = {
    stack_top, reinterpret_cast<const void*>(&reset_handler), reinterpret_cast<const void*>(&sb::stack::on_fault),
    reinterpret_cast<const void*>(&sb::stack::on_fault)};
}
