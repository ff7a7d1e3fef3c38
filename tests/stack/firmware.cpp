// How much stack the core takes on a Cortex-M0: a firmware that installs a full and a delta package, boots, confirms,
// and reports how deep the painted stack was used. Cryptography is left out on purpose: SHA-256 keeps its state in
// static memory here and every signature is taken; a port adds what its library needs.
// Runs on QEMU's mps2-an385, which executes ARMv6-M code; output and exit go through semihosting
// (ARM "Semihosting for AArch32 and AArch64", operations SYS_WRITE0 and SYS_EXIT_EXTENDED).
#include <algorithm>

#include "core/boot/boot.hpp"
#include "core/delta/endsley_lzma.hpp"
#include "core/delta/raw.hpp"
#include "core/install/session.hpp"
#include "tests/stack/sha256_static.hpp"

extern "C" {
extern std::uint32_t stack_bottom[];  // NOLINT: from the linker script
extern std::uint32_t stack_top[];
extern const std::uint8_t fixture_begin[];
extern const std::uint8_t fixture_end[];
void reset_handler();
}

namespace {

using namespace sb;

void semihost(std::uint32_t operation, const void* argument) {
    register std::uint32_t r0 asm("r0") = operation;
    register const void* r1 asm("r1") = argument;
    asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void print(const char* text) { semihost(0x04, text); }

void print(const char* name, std::uint32_t value) {
    char digits[12];
    char* at = digits + sizeof digits - 1;
    *at = 0;
    do {
        *--at = static_cast<char>('0' + value % 10);
        value /= 10;
    } while (value != 0);
    print(name);
    print(" ");
    print(at);
    print("\n");
}

[[noreturn]] void leave(std::uint32_t status) {
    const std::uint32_t block[2] = {0x20026, status};  // ADP_Stopped_ApplicationExit
    semihost(0x20, block);
    for (;;) {}
}

constexpr std::uint32_t paint = 0xC5C5C5C5;

/// Fills what lies below the caller's frame.
void paint_stack() {
    auto* here = static_cast<std::uint32_t*>(__builtin_frame_address(0)) - 64;
    for (std::uint32_t* p = stack_bottom; p < here; ++p) *p = paint;
}

/// Bytes between the caller's frame and the deepest word that was touched since paint_stack().
std::uint32_t stack_used() {
    const std::uint32_t* p = stack_bottom;
    while (*p == paint) ++p;
    return static_cast<std::uint32_t>(static_cast<const std::uint8_t*>(__builtin_frame_address(0)) -
                                      reinterpret_cast<const std::uint8_t*>(p));
}

constexpr std::uint32_t unit = 4096;
constexpr std::uint32_t slot_bytes = 16 * unit;
constexpr std::uint32_t part_bytes = 2 * slot_bytes + 4 * unit;

/// NOR rules in RAM.
class RamFlash final : public Flash {
public:
    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        copy(out, Bytes(cells_).subspan(offset, out.size()));
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        for (std::size_t i = 0; i < data.size(); ++i) cells_[offset + i] &= data[i];
        return {};
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        std::fill_n(cells_.begin() + offset, unit, std::uint8_t{0xFF});
        return {};
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t, std::uint32_t) override { return false; }
    void blank() { cells_.fill(0xFF); }
    void load(std::uint32_t offset, Bytes data) { copy(MutableBytes(cells_).subspan(offset), data); }

private:
    std::array<std::uint8_t, part_bytes> cells_{};
    EraseRun run_{part_bytes / unit, unit};
    Geometry geometry_{.erase_map = {&run_, 1}, .bytes = part_bytes};
};

constexpr DecoderEntry decoders[] = {raw_decoder, endsley_lzma_decoder};
constexpr std::uint32_t decoder_ram = decoder_ram_bytes(PayloadFormat::endsley_lzma, 4096);
constexpr DecoderOffer offers[] = {{PayloadFormat::raw, 0}, {PayloadFormat::endsley_lzma, decoder_ram}};

RamFlash flash;
StaticCrypto crypto;
alignas(8) std::uint8_t work[install_work_bytes(1024, decoder_ram)];
alignas(InstallSession) std::uint8_t session_memory[sizeof(InstallSession)];

/// The parts of the fixture: 32-bit length and bytes, one after the other.
Bytes part(unsigned index) {
    const std::uint8_t* at = fixture_begin;
    for (;; --index) {
        const std::uint32_t length = load_le<std::uint32_t>({at, 4});
        if (index == 0) return {at + 4, length};
        at += 4 + length;
    }
}

enum Part : unsigned { key, vendor, device_class, old_image, full_package, delta_package };

struct Bench {
    FlashMap map;
    TrustedKey keys[1];

    Bench() {
        map.slots[0] = {Region(flash, 0, slot_bytes), 0};
        map.slots[1] = {Region(flash, slot_bytes, slot_bytes), slot_bytes};
        map.journal = Region(flash, 2 * slot_bytes, 4 * unit);
        map.header_bytes = 0x200;
        std::copy_n(part(key).begin(), keys[0].key.size(), keys[0].key.begin());
        keys[0].hash = key_hash(crypto, keys[0].key);
    }
    void factory() {
        flash.blank();
        flash.load(0, part(old_image));
        Journal journal(map.journal);
        static_cast<void>(journal.open());
        if (!journal.commit(State{.boot = {.confirmed_a = true}, .install = {}})) leave(10);
    }
    void install(Bytes package) {
        Journal journal(map.journal);
        if (!journal.open()) leave(11);
        InstallDevice device{.map = map, .crypto = crypto, .keys = keys, .decoders = decoders, .offers = offers};
        std::copy_n(part(vendor).begin(), 16, device.vendor.begin());
        std::copy_n(part(device_class).begin(), 16, device.device_class.begin());
        auto* session = new (session_memory) InstallSession(device, journal, work);
        std::uint64_t next = 0;
        while (!session->complete()) {
            const Bytes rest = package.subspan(static_cast<std::size_t>(next));
            const auto wanted = session->write(next, rest.first(std::min<std::size_t>(64, rest.size())));
            if (!wanted) leave(100 + static_cast<std::uint32_t>(wanted.error()));
            next = *wanted;
        }
        if (!session->stage()) leave(12);
    }
    void boot_new() {
        Journal journal(map.journal);
        std::array<std::uint8_t, 64> scratch{};
        const BootReport report = boot(journal, {.map = map, .crypto = crypto, .keys = keys, .scratch = scratch});
        if (report.slot != SlotId::b || report.decision != Decision::trial) leave(13);
    }
    void confirm_new() {
        Journal journal(map.journal);
        std::array<std::uint8_t, 64> scratch{};
        if (!journal.open()) leave(14);
        const auto image = check_slot(map, SlotId::b, crypto, keys, scratch);
        if (!image || !confirm(journal, SlotId::b, *image)) leave(15);
    }
};

template <class F>
[[gnu::noinline]] void measure(const char* name, F work_to_do) {
    paint_stack();
    work_to_do();
    print(name, stack_used());
}

void run() {
    Bench bench;
    bench.factory();
    measure("stack install raw", [&] { bench.install(part(full_package)); });
    bench.factory();
    measure("stack install endsley+lzma", [&] { bench.install(part(delta_package)); });
    measure("stack boot", [&] { bench.boot_new(); });
    measure("stack confirm", [&] { bench.confirm_new(); });
    print("bytes session object", sizeof(InstallSession));
    print("bytes session buffers", install_work_bytes(1024, 0));
    print("bytes decoder endsley+lzma:4K", decoder_ram);
    print("bytes journal object", sizeof(Journal));
    leave(0);
}

[[noreturn]] void fault() { leave(99); }

}  // namespace

void reset_handler() {
    extern void (*init_array_begin[])();
    run();
    leave(0);
}

extern "C" void* memcpy(void* to, const void* from, std::size_t n) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto* f = static_cast<const std::uint8_t*>(from);
    for (std::size_t i = 0; i < n; ++i) {
        t[i] = f[i];
        asm volatile("" ::: "memory");  // keeps the compiler from calling memcpy
    }
    return to;
}

[[gnu::section(".vectors"), gnu::used]] const void* const vectors[16] = {
    stack_top,
    reinterpret_cast<const void*>(&reset_handler),
    reinterpret_cast<const void*>(&fault),
    reinterpret_cast<const void*>(&fault),
};
