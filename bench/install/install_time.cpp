// How long installs take on real flash parts, and how often they erase a page: the core's own installer and bootloader
// over a simulated part, with a clock that counts what each erase and each program takes (part_times.cpp) and when the
// link has delivered. Made of two programs of 255 KB: a full package of the second one, and a patch from the first one.
//
//   install_time [--out FILE.json]
//
// Time is told as a multiple of a floor: the new image's units erased and programmed once in pieces as large as the
// part takes, and the time that the package takes on the link, one after the other. What is in the model:
//  - The link delivers one message after the other into the receiver's memory, also while the flash is busy, until
//    `receive_bytes` wait there; then it stands still. (A port does that by DMA or an interrupt that does not run from
//    the flash that is erased; InstallSession::write() itself is called again when it has returned.)
//  - The processor costs nothing.
// From the first byte on the link to the jump to the new image. `back` is what it takes to bring the old image back
// when the trial fails, as a multiple of erasing and programming it once.
//
// Status 1 when a page of a slot was erased more often than its scheme promises.
#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/install/part_times.hpp"
#include "core/base/error_name.hpp"
#include "sim/device/device.hpp"
#include "sim/device/link_model.hpp"
#include "tests/stack/program_pair.hpp"
#include "tools/diff/in_place.hpp"
#include "tools/layout/check.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb::bench {
namespace {

using Blob = std::vector<std::uint8_t>;
using Json = nlohmann::ordered_json;

constexpr std::uint32_t header_bytes = 0x200;
constexpr std::uint32_t program_bytes = (256U << 10) - header_bytes - 0x200;  // and the signature
constexpr std::uint32_t receive_bytes = 4096;
constexpr const char* device_class = "bench.example/times";

/// A cable that costs nothing beside the flash, and what the field has.
constexpr std::array<sim::LinkModel, 3> links{{
    {"at once", 1024, 1e12, 0, ""},
    {"ble", 244, 200000, 0, "ATT writes of 244 bytes, 200 kbit/s"},
    {"uart", 1024, 92160, 0.002, "115200 baud, 8N1, messages of 1024 bytes"},
}};

/// How often an update may erase a page of slot A and one of slot B; on the way back, too.
struct Promise {
    std::string_view scheme;
    std::uint32_t erases_of_a;
    std::uint32_t erases_of_b;
};
constexpr std::array<Promise, 4> promises{{{"xip", 0, 1}, {"copy", 1, 1}, {"swap", 1, 2}, {"inplace", 2, 0}}};

template <class T, class Problem>
T must(std::expected<T, Problem> outcome, const char* what) {
    if (!outcome) throw std::runtime_error(fmt::format("{}: {}", what, outcome.error().what));
    return std::move(*outcome);
}
void must(const Result<void>& result, const char* what) {
    if (!result) throw std::runtime_error(fmt::format("{}: {}", what, error_name(result.error())));
}

/// "slot_a 32K 256K, …" as tables of layout.toml.
std::string region_tables(std::string_view regions, std::string_view flash) {
    std::string text;
    for (std::size_t at = 0; at < regions.size();) {
        const std::string_view one = regions.substr(at, regions.find(", ", at) - at);
        const std::size_t offset = one.find(' ') + 1, size = one.find(' ', offset) + 1;
        text += fmt::format("[[region]]\nname = \"{}\"\nflash = \"{}\"\noffset = \"{}\"\nsize = \"{}\"\n",
                            one.substr(0, offset - 1), flash, one.substr(offset, size - 1 - offset), one.substr(size));
        at += one.size() + 2;
    }
    return text;
}

layout::Layout make_layout(const TimedPart& part, std::string_view scheme) {
    const std::string_view regions = scheme == "inplace" ? part.one_slot_regions
                                     : scheme == "swap"  ? part.swap_regions
                                                         : part.regions;
    const std::string_view flash = part.flash.substr(part.flash.find('"') + 1);
    const std::string text = fmt::format(
        "name = \"bench\"\ncpu = \"other\"\nscheme = \"{}\"\n{}header_size = {}\nblock_size = 1024\ntries = 3\n"
        "decoders = [\"sbd:16K\", \"raw\"]\n[[flash]]{}{}",
        scheme,
        scheme == "xip"    ? "remap = true\n"
        : scheme == "copy" ? "accept_no_way_back = true\n"
                           : "",
        header_bytes, part.flash, region_tables(regions, flash.substr(0, flash.find('"'))));
    layout::Layout made = must(layout::parse({"bench", text}), "layout");
    static_cast<void>(must(layout::check(made), "layout"));
    return made;
}

/// Counts what the flash takes, and how much of it is for the journal.
class Clock {
public:
    Clock(const TimedPart& times, sim::NorFlash& part, const layout::RegionSpec& journal) {
        part.on_change = [this, &times, &part, &journal](std::uint32_t offset, Bytes data) {
            const double takes = data.empty() ? times.erase_seconds(part.geometry().unit_at(offset).bytes)
                                              : times.program_seconds(offset, static_cast<std::uint32_t>(data.size()));
            now_ += takes;
            if (offset >= journal.offset && offset - journal.offset < journal.bytes) journal_seconds_ += takes;
        };
    }
    [[nodiscard]] double journal_seconds() const { return journal_seconds_; }
    [[nodiscard]] double now() const { return now_; }
    void wait_until(double then) { now_ = std::max(now_, then); }

private:
    double now_ = 0;
    double journal_seconds_ = 0;
};

/// When messages have arrived, of which the receiver can keep `receive_bytes`.
class Reception {
public:
    Reception(const sim::LinkModel& link, Clock& clock) : link_(link), clock_(clock) {}

    /// The next message, of `bytes`: waits until it is there.
    void wait_for(std::uint32_t bytes) {
        double starts = arrived_;
        for (kept_ += bytes; kept_ > receive_bytes; taken_.pop_front()) {
            kept_ -= taken_.front().bytes;
            starts = std::max(starts, taken_.front().at);
        }
        const double takes = bytes * 8 / link_.bits_per_second + link_.seconds_per_piece;
        arrived_ = starts + takes;
        link_seconds_ += takes;
        clock_.wait_until(arrived_);
        coming_ = bytes;
    }
    /// It was used up.
    void taken() { taken_.push_back({coming_, clock_.now()}); }
    [[nodiscard]] double link_seconds() const { return link_seconds_; }

private:
    struct Taken {
        std::uint32_t bytes;
        double at;
    };
    const sim::LinkModel& link_;
    Clock& clock_;
    std::deque<Taken> taken_;
    std::uint32_t kept_ = 0;
    std::uint32_t coming_ = 0;
    double arrived_ = 0;
    double link_seconds_ = 0;
};

/// Two signed images, and what leads from one to the other.
class Release {
public:
    Release() {
        const stack::ProgramPair pair = stack::make_program_pair(program_bytes);
        old_image = sign(pair.old_program, 1);
        new_image = sign(pair.new_program, 2);
    }

    [[nodiscard]] Blob full() const { return must(pack::build_package(new_image, {}, options(), key_), "package"); }
    [[nodiscard]] Blob patch() const {
        diff::Patch made = diff::make_patch(old_image, new_image, how());
        pack::PackageOptions with = delta_options(made.payload.value(), made.decoder_ram_bytes);
        const auto split = made.bytes.begin() + diff::sbd_preamble_bytes(made.bytes);
        with.parameters.assign(made.bytes.begin(), split);
        made.bytes.erase(made.bytes.begin(), split);
        return must(pack::build_package(new_image, made.bytes, with, key_), "package");
    }
    /// With the way back.
    [[nodiscard]] Blob in_place_patch(const layout::Layout& layout) const {
        const layout::RegionSpec& slot = *layout.region("slot_a");
        const std::uint32_t unit = geometry_of(layout.parts[slot.part]).unit_at(slot.offset).bytes;
        diff::DiffOptions with_room = how();
        with_room.segment_bytes = std::max(with_room.segment_bytes, unit);
        with_room.preamble_bytes = static_cast<std::uint32_t>(must(pack::room_for_parameters(key_), "envelope"));
        const diff::InPlacePatch made = diff::make_in_place(old_image, new_image, with_room, slot.bytes, unit, true);
        pack::PackageOptions with = delta_options(made.format, made.decoder_ram_bytes);
        with.parameters = made.parameters;
        with.in_place = pack::InPlaceOptions{
            .shift = made.shift,
            .source_bytes = static_cast<std::uint32_t>(old_image.size()),
            .erase_bytes = unit,
            .way_back = pack::WayBack{made.way_back->from, made.way_back->shift, made.way_back->parameters}};
        return must(pack::build_package(new_image, made.payload, with, key_), "package");
    }
    [[nodiscard]] TrustedKey key() const { return pack::trusted(key_.public_key()); }

    Blob old_image;
    Blob new_image;

private:
    [[nodiscard]] Blob sign(Bytes program, std::uint8_t major) const {
        return must(pack::sign_image(program, {.version = {.major = major}, .header_bytes = header_bytes}, key_),
                    "image");
    }
    [[nodiscard]] static diff::DiffOptions how() {
        diff::DiffOptions how;
        how.ram_bytes = 16U << 10;
        how.segment_bytes = 64U << 10;
        how.level = 4;
        return how;
    }
    [[nodiscard]] static pack::PackageOptions options() { return {.device_class = device_class}; }
    [[nodiscard]] pack::PackageOptions delta_options(PayloadFormat format, std::uint32_t ram_bytes) const {
        pack::PackageOptions with = options();
        with.format = format;
        with.decoder_ram_bytes = ram_bytes;
        OpensslCrypto crypto;
        with.source_digest = sha256(crypto, old_image);
        return with;
    }

    pack::PrivateKey key_ = must(pack::PrivateKey::generate(), "key");
};

/// What an install took.
struct Measured {
    double seconds = 0;
    double flash_seconds = 0;  ///< what erasing and programming the image once takes
    double link_seconds = 0;
    double journal_seconds = 0;
    double back_seconds = 0;  ///< from the boot that gives up the trial to the old image; 0: nothing moves
    std::size_t package_bytes = 0;
    std::array<std::uint32_t, 4> erases{};  ///< most of any page of slot_a, slot_b, patch, journal
    std::array<std::uint32_t, 4> back_erases{};

    [[nodiscard]] double floor() const { return flash_seconds + link_seconds; }
};
constexpr std::array watched{"slot_a", "slot_b", "patch", "journal"};

/// A device that runs the old image.
class Bench {
public:
    Bench(const TimedPart& times, layout::Layout layout, const Release& release)
        : times_(times),
          release_(release),
          ids_(must(pack::class_ids(device_class), "class")),
          device_(std::move(layout), {device_class, ids_.vendor, ids_.device_class, ""}, {release.key()}) {
        must(sim::write_factory_image(device_, release.old_image), "factory");
        expect(release.old_image);
    }

    Measured install(Bytes package, const sim::LinkModel& link) {
        Measured measured{.flash_seconds = once(), .package_bytes = package.size()};
        const auto before = part().content().erase_counts;
        Clock clock(times_, part(), journal());
        Reception reception(link, clock);
        sim::Installation installation(device_);
        InstallSession& session = installation.session();
        while (!session.complete()) {
            const auto rest = package.subspan(static_cast<std::size_t>(session.next_offset()));
            const Bytes message = rest.first(std::min<std::size_t>(rest.size(), link.piece_bytes));
            reception.wait_for(static_cast<std::uint32_t>(message.size()));
            const auto wanted = session.write(session.next_offset(), message);
            if (!wanted) throw std::runtime_error(fmt::format("install: {}", error_name(wanted.error())));
            reception.taken();
        }
        must(session.stage(), "stage");
        expect(release_.new_image);
        measured.seconds = clock.now();
        measured.journal_seconds = clock.journal_seconds();
        measured.link_seconds = reception.link_seconds();
        measured.erases = most_erased_since(before);
        go_back(measured);
        part().on_change = nullptr;
        return measured;
    }

private:
    sim::NorFlash& part() { return *device_.parts().front(); }
    [[nodiscard]] const layout::RegionSpec& journal() const { return *device_.layout().region("journal"); }

    /// Boots, and looks whether that image runs.
    void expect(const Blob& image) {
        const BootReport report = device_.reset();
        if (!report.slot) throw std::runtime_error(fmt::format("boot: {}", error_name(report.cause)));
        Blob stands(image.size());
        must(device_.map().slot(*report.slot).region.read(0, stands), "slot");
        if (stands != image) throw std::runtime_error("boot: another image");
    }

    /// The trial is given up, where something brings the old image back.
    void go_back(Measured& measured) {
        if (device_.map().scheme == Scheme::copy) return;
        for (int i = 1; i < device_.layout().tries; ++i) expect(release_.new_image);
        const auto before = part().content().erase_counts;
        const Clock clock(times_, part(), journal());
        expect(release_.old_image);
        measured.back_seconds = clock.now();
        measured.back_erases = most_erased_since(before);
    }

    /// Erasing and programming the image's units once.
    double once() {
        const layout::RegionSpec& slot = *device_.layout().region("slot_a");
        const auto bytes = static_cast<std::uint32_t>(release_.new_image.size());
        double seconds = times_.program_seconds(slot.offset, bytes);
        for (std::uint32_t at = 0; at < bytes;) {
            const std::uint32_t unit = part().geometry().unit_at(slot.offset + at).bytes;
            seconds += times_.erase_seconds(unit);
            at += unit;
        }
        return seconds;
    }

    std::array<std::uint32_t, watched.size()> most_erased_since(const std::vector<std::uint32_t>& before) {
        std::array<std::uint32_t, watched.size()> most{};
        for (std::size_t i = 0; i < watched.size(); ++i) {
            const layout::RegionSpec* region = device_.layout().region(watched[i]);
            if (region == nullptr) continue;
            for (std::uint32_t at = region->offset; at < region->offset + region->bytes;) {
                const std::size_t unit = part().unit_index(at);
                most[i] = std::max(most[i], part().content().erase_counts[unit] - before[unit]);
                at += part().geometry().unit_at(at).bytes;
            }
        }
        return most;
    }

    const TimedPart& times_;
    const Release& release_;
    pack::ClassIds ids_;
    sim::Device device_;
};

Json as_json(const Measured& m) {
    Json erases, back_erases;
    for (std::size_t i = 0; i < watched.size(); ++i) {
        erases[watched[i]] = m.erases[i];
        back_erases[watched[i]] = m.back_erases[i];
    }
    return {{"seconds", m.seconds},
            {"floor_seconds", m.floor()},
            {"link_seconds", m.link_seconds},
            {"flash_seconds", m.flash_seconds},
            {"journal_seconds", m.journal_seconds},
            {"times_the_floor", m.seconds / m.floor()},
            {"package_bytes", m.package_bytes},
            {"most_erases", erases},
            {"back_seconds", m.back_seconds},
            {"back_most_erases", back_erases}};
}

std::string erases_text(const std::array<std::uint32_t, watched.size()>& most) {
    return fmt::format("{} {} {} {}", most[0], most[1], most[2], most[3]);
}

void hold_against(const Promise& promise, const Measured& measured) {
    for (const auto& most : {measured.erases, measured.back_erases})
        if (most[0] > promise.erases_of_a || most[1] > promise.erases_of_b)
            throw std::runtime_error(fmt::format("{}: pages of A and B were erased {} and {} times, not {} and {}",
                                                 promise.scheme, most[0], most[1], promise.erases_of_a,
                                                 promise.erases_of_b));
}

/// One row: a package over each link.
Json row(const TimedPart& part, const Promise& promise, std::string_view kind, Bytes package, const Release& release) {
    const std::string_view scheme = promise.scheme;
    std::string cells;
    Json by_link;
    Measured last;
    for (const sim::LinkModel& link : links) {
        last = Bench(part, make_layout(part, scheme), release).install(package, link);
        hold_against(promise, last);
        cells += fmt::format("{:>9.2f} s {:>5.2f}", last.seconds, last.seconds / last.floor());
        by_link[std::string(link.name)] = as_json(last);
    }
    fmt::print("{:<10} {:<8} {:<6}{:>7}{}{:>7.2f} s   {:<9}{:>8.2f} s {:>5.2f}   {}\n", part.name, scheme, kind,
               last.package_bytes, cells, last.journal_seconds, erases_text(last.erases), last.back_seconds,
               last.back_seconds / last.flash_seconds, erases_text(last.back_erases));
    std::fflush(stdout);
    return {{"part", part.name}, {"scheme", scheme}, {"package", kind}, {"links", by_link}};
}

Json measure_all() {
    const Release release;
    const Blob full = release.full(), patch = release.patch();
    fmt::print("{:<10} {:<8} {:<6}{:>7}", "part", "scheme", "", "bytes");
    for (const sim::LinkModel& link : links) fmt::print("{:>11} floor", link.name);
    fmt::print("{:>9}   {:<9}{:>10} once   {}\n", "journal", "A B p j", "back", "A B p j");
    Json rows = Json::array();
    for (const TimedPart& part : timed_parts())
        for (const Promise& promise : promises) {
            if (promise.scheme == "inplace") {
                const Blob in_place = release.in_place_patch(make_layout(part, promise.scheme));
                rows.push_back(row(part, promise, "patch", in_place, release));
                continue;
            }
            rows.push_back(row(part, promise, "full", full, release));
            rows.push_back(row(part, promise, "patch", patch, release));
        }
    return {{"image_bytes", release.new_image.size()}, {"receive_bytes", receive_bytes}, {"rows", rows}};
}

int run(int argc, char** argv) {
    const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
    const Json measured = measure_all();
    if (words.size() != 3 || std::string_view(words[1]) != "--out") return 0;
    std::ofstream file(words[2]);
    file << measured.dump(1) << "\n";
    return file.good() ? 0 : 1;
}

}  // namespace
}  // namespace sb::bench

int main(int argc, char** argv) {
    try {
        return sb::bench::run(argc, argv);
    } catch (const std::exception& problem) {
        fmt::print(stderr, "install_time: {}\n", problem.what());
        return 1;
    }
}
