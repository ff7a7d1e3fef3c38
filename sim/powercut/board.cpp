#include "sim/powercut/board.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/boot/all_movers.hpp"
#include "core/boot/application.hpp"

namespace sb::sim {

namespace {

constexpr std::uint32_t decoder_ram = decoder_ram_bytes(PayloadFormat::endsley_lzma, 4096);
constexpr std::array<DecoderOffer, 8> offers = {{{PayloadFormat::raw, 0},
                                                 {PayloadFormat::lzma, decoder_ram},
                                                 {PayloadFormat::endsley, 0},
                                                 {PayloadFormat::endsley_lzma, decoder_ram},
                                                 {PayloadFormat::hpatchlite, decoder_ram},
                                                 {PayloadFormat::vcdiff, decoder_ram},
                                                 {PayloadFormat::hdiffsf, decoder_ram},
                                                 {PayloadFormat::sbd, sbd::budget_bytes(sbd::Budget::k4)}}};

MutableBytes as_bytes(std::vector<std::uint64_t>& words) {
    return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * sizeof(std::uint64_t)};
}

/// Bytes that `map` covers.
std::uint32_t bytes_of(std::span<const EraseRun> map) {
    std::uint32_t bytes = 0;
    for (const EraseRun& run : map) bytes += run.units * run.unit_bytes;
    return bytes;
}

std::vector<EraseRun> plain(std::uint32_t units, std::uint32_t unit_bytes) {
    return {{units, unit_bytes}};
}

std::uint32_t journal_units(const BoardSpec& spec) {
    const std::uint32_t record = (record_bytes + spec.granule - 1) / spec.granule * spec.granule;
    const std::uint32_t page_units = (min_records_per_page * record + spec.unit_bytes - 1) / spec.unit_bytes;
    return page_units * journal_pages;
}

}  // namespace

std::uint32_t swap_unit_of(const BoardSpec& spec) {
    if (spec.scheme != Scheme::swap) return 0;
    return spec.swap_unit != 0 ? spec.swap_unit : spec.unit_bytes;
}

std::optional<std::uint32_t> bound_slot_b(const BoardSpec& spec) {
    if (spec.remap || spec.scheme != Scheme::xip) return std::nullopt;
    return board_map(spec).slots[1].offset;
}

BoardMap board_map(const BoardSpec& spec) {
    BoardMap map;
    const auto append = [&](const std::vector<EraseRun>& runs) {
        const EraseUnit range{bytes_of(map.erase_map), bytes_of(runs)};
        map.erase_map.insert(map.erase_map.end(), runs.begin(), runs.end());
        return range;
    };
    const std::uint32_t more = swap_unit_of(spec) / spec.unit_bytes;
    map.slots[0] = append(spec.slot_a.empty() ? plain(spec.slot_units, spec.unit_bytes) : spec.slot_a);
    if (!has_one_slot(spec.scheme))
        map.slots[1] = append(spec.slot_b.empty() ? plain(spec.slot_units + more, spec.unit_bytes) : spec.slot_b);
    if (spec.patch_units != 0 || !spec.patch.empty())
        map.patch = append(spec.patch.empty() ? plain(spec.patch_units, spec.unit_bytes) : spec.patch);
    if (spec.golden_units != 0)
        map.golden = append(spec.golden.empty() ? plain(spec.golden_units, spec.unit_bytes) : spec.golden);
    map.journal = append(spec.journal.empty() ? plain(journal_units(spec), spec.unit_bytes) : spec.journal);
    return map;
}

Board::Board(const BoardSpec& spec, const BoardIdentity& identity, Crypto& crypto)
    : spec_(spec), regions_(board_map(spec)), identity_(identity), crypto_(crypto), offers_(offers) {
    Geometry geometry{.granule = spec.granule,
                      .erased = spec.erased,
                      .erased_readable = spec.erased_readable,
                      .reprogram_same = spec.reprogram_same,
                      .ecc = spec.ecc};
    flash_ = std::make_unique<NorFlash>(geometry, regions_.erase_map);
    sparing_.emplace(*flash_, supply);
    const auto region = [this](const EraseUnit& range) { return Region(*sparing_, range.offset, range.bytes); };
    for (std::size_t i = 0; i < slot_count; ++i) {
        if (regions_.slots[i].bytes != 0) map_.slots[i] = {region(regions_.slots[i]), regions_.slots[i].offset};
    }
    map_.journal = Region(*flash_, regions_.journal.offset, regions_.journal.bytes);
    if (regions_.golden.bytes != 0) map_.golden = region(regions_.golden);
    if (regions_.patch.bytes != 0) map_.patch = region(regions_.patch);
    map_.scheme = spec.scheme;
    map_.remap = spec.remap;
    if (spec.scheme == Scheme::ram_load) {
        ram_.resize(spec.terms ? spec.terms->ram_bytes : regions_.slots[0].bytes);
        ram_image_.emplace(ram_);
    }
    map_.ram_bytes = static_cast<std::uint32_t>(ram_.size());
    tries = spec.tries;
    accept_no_way_back = spec.scheme == Scheme::copy || spec.scheme == Scheme::single;  // tests of inplace ask for it
    map_.swap_unit = swap_unit_of(spec);
    map_.layout_crc = crc32(Bytes(reinterpret_cast<const std::uint8_t*>(spec.name.data()), spec.name.size()));
    map_.header_bytes = identity.header_bytes;
    std::uint32_t most_ram = decoder_ram;
    if (spec_.terms) most_ram = take_terms(*spec_.terms);
    work_.resize((install_work_bytes(max_block_bytes_, most_ram) + 7) / 8);
}

/// The most memory that a decoder is granted.
std::uint32_t Board::take_terms(const BoardTerms& terms) {
    for (std::size_t i = 0; i < slot_count; ++i) map_.slots[i].address = terms.addresses[i];
    map_.layout_crc = terms.layout_crc;
    map_.cortex_m = terms.cortex_m;
    offers_ = terms.decoders;
    max_block_bytes_ = terms.max_block_bytes;
    accept_no_way_back = terms.accept_no_way_back;
    std::uint32_t most = 0;
    for (const DecoderOffer& offer : offers_) most = std::max(most, offer.ram_bytes);
    return most;
}

void Board::provision(Bytes image, Bytes golden, SlotId slot) {
    program_padded(regions_.slots[index_of(slot)].offset, image);
    if (map_.golden.valid() && !golden.empty()) program_padded(regions_.golden.offset, golden);
    Journal journal(map_.journal);
    [[maybe_unused]] const Result<void> opened = journal.open();  // blank: there is no record yet
    State state;
    state.boot.layout_crc = map_.layout_crc;
    state.boot.active = slot;
    state.boot.set_confirmed(slot, true);
    state.boot.active_digest = shorten(sha256(crypto_, image));
    if (!journal.commit(state)) std::abort();
}

void Board::program_padded(std::uint32_t offset, Bytes data) {
    // Programmed, not put there: on parts whose blanks cannot be read a granule of erased bytes must count too.
    std::vector<std::uint8_t> padded(data.begin(), data.end());
    padded.resize((data.size() + spec_.granule - 1) / spec_.granule * spec_.granule, spec_.erased);
    if (!flash_->program(offset, padded)) std::abort();
}

void Board::wipe_journal() {
    const std::vector<std::uint8_t> blank(regions_.journal.bytes, spec_.erased);
    flash_->poke(regions_.journal.offset, blank);
}

void Board::schedule(const std::optional<PowerCut>& cut) {
    cut_ = cut;
    flash_->disarm();
    if (!cut) return;
    cut_operation_ = flash_->operations() + cut->at_operation;
    if (flash_->powered()) flash_->arm(*cut);
}

namespace {

Fingerprint fingerprint_of(const RecordKey& key, const Fingerprint& before) {
    return fingerprint(std::uint64_t{key.session} << 16 | key.index, before);
}

/// Of all that an open journal knows of its records.
Fingerprint fingerprint_of(const Journal& journal) {
    std::array<std::uint8_t, record_bytes> state{};
    encode_record(journal.newest_key(), journal.state(), state);
    Fingerprint sum = fingerprint(Bytes(state), {});
    for (std::uint32_t page = 0; page < journal_pages; ++page) {
        const PageContent& content = journal.content(page);
        sum = fingerprint_of(content.newest, fingerprint(content.valid, sum));
    }
    return fingerprint(journal.newest_page() << 1 | (journal.sealed() ? 1U : 0U), sum);
}

Fingerprint fingerprint_of(Marks& marks, const Fingerprint& before) {
    const std::optional<Marks::Found>& newest = marks.look();
    if (!newest) return fingerprint(0, before);
    std::array<std::uint8_t, record_bytes> mark{};
    encode_record({newest->number, 0}, newest->state, mark);
    return fingerprint(Bytes(mark), fingerprint(newest->at + 1, before));
}

}  // namespace

/// What a program knows once it has opened the journal, and looked for marks, is what these found; how they found it,
/// and what they passed over, nobody knows any more.
Result<void> Board::open(Journal& journal, Marks* marks) const {
    const Result<void> opened = journal.open();
    const std::uint64_t answer = opened ? 0 : static_cast<std::uint64_t>(opened.error()) + 1;
    const Fingerprint sum = fingerprint(answer, fingerprint_of(journal));
    flash_->sum_up_trace(marks == nullptr ? sum : fingerprint_of(*marks, sum));
    return opened;
}

/// Power comes back; a cut that is still to come stays armed for what is left of its count.
void Board::power_up() {
    if (cut_ && !flash_->powered()) cut_.reset();
    flash_->cycle_power();
    if (!cut_) return;
    PowerCut cut = *cut_;
    cut.at_operation = cut_operation_ - flash_->operations();
    flash_->arm(cut);
}

BootReport Board::reset() {
    power_up();
    running_.reset();
    Journal journal(map_.journal);
    std::array<std::uint8_t, 512> scratch{};
    const InstallDevice facts = install_device(std::nullopt);
    std::optional<Marks> marks;
    std::optional<RewriteMover> rewrite_mover;
    const UndoMover undo_mover(facts, as_bytes(work_));
    const Mover* mover = &mover_for(map_.scheme);
    if (map_.scheme == Scheme::copy) mover = &undo_mover;
    if (has_one_slot(map_.scheme) && map_.patch.valid())
        mover = &rewrite_mover.emplace(facts, as_bytes(work_), marks.emplace(map_));
    const BootDevice device{.map = map_,
                            .crypto = crypto_,
                            .keys = identity_.keys,
                            .scratch = scratch,
                            .tries = tries,
                            .golden_below_floor = spec_.terms && spec_.terms->golden_below_floor,
                            .supply = &supply,
                            .ram = ram_image_ ? &*ram_image_ : nullptr,
                            .mover = mover};
    const BootReport report = bootloader ? bootloader(journal, device)
                                         : boot_opened(journal, open(journal, marks ? &*marks : nullptr), device);
    if (!flash_->powered()) return report;
    running_ = report.slot;
    if (report.slot) protect(locks_of(*report.slot, report.state.phase));
    return report;
}

void Board::protect(Locks locks) {
    locks.each(map_, [this](const Region& region) {
        const auto is = [&](const EraseUnit& range) { return range.bytes != 0 && range.offset == region.offset(); };
        const char* name = is(regions_.golden) ? "golden" : is(regions_.patch) ? "the patch area" : "slot A";
        if (is(regions_.slots[1])) name = "slot B";
        flash_->lock(region.offset(), region.bytes(), name);
    });
}

InstallDevice Board::install_device(std::optional<SlotId> running) {
    return {.map = map_,
            .crypto = crypto_,
            .keys = identity_.keys,
            .vendor = identity_.vendor,
            .device_class = identity_.device_class,
            .decoders = decoders,
            .offers = offers_,
            .max_block_bytes = max_block_bytes_,
            .tries = tries,
            .allow_downgrade = spec_.terms && spec_.terms->allow_downgrade,
            .patches = map_.patch.valid() || map_.scheme == Scheme::copy ? &patch_staging : nullptr,
            .accept_no_way_back = accept_no_way_back,
            .golden_below_floor = spec_.terms && spec_.terms->golden_below_floor,
            .running = running,
            .supply = &supply};
}

Result<void> Board::install(Bytes package, std::size_t piece) {
    Journal journal(map_.journal);
    if (const Result<void> opened = open(journal); !opened && opened.error() == Error::power_lost) return opened;
    const InstallDevice device = install_device(running_);
    InstallSession session(device, journal, as_bytes(work_));
    std::uint64_t next = 0;
    while (!session.complete()) {
        if (next >= package.size()) return fail(Error::truncated);
        const Bytes rest = package.subspan(static_cast<std::size_t>(next));
        SB_TRY_ASSIGN(const std::uint64_t wanted, session.write(next, rest.first(std::min(piece, rest.size()))));
        next = wanted;
        resumed_from_ = session.resumed_from();
    }
    return session.stage();
}

Result<void> Board::confirm() {
    if (!running_) return fail(Error::not_running);
    Journal journal(map_.journal);
    SB_TRY(open(journal));
    std::array<std::uint8_t, 512> scratch{};
    SB_TRY_ASSIGN(const VerifiedImage image,
                  check_slot(map_, *running_, Phase::trial, crypto_, identity_.keys, scratch));
    return sb::confirm(journal, *running_, image);
}

Result<void> Board::ask_for_factory_reset() const {
    Journal journal(map_.journal);
    SB_TRY(open(journal));
    return request_factory_reset(journal);
}

Result<void> Board::ask_for_update_mode() const {
    Journal journal(map_.journal);
    SB_TRY(open(journal));
    return request_update_mode(journal);
}

Result<void> Board::leave_update_mode() const {
    Journal journal(map_.journal);
    SB_TRY(open(journal));
    return sb::leave_update_mode(journal);
}

State Board::state() const {
    Journal journal(map_.journal);
    if (!journal.open()) return {};
    return journal.state();
}

bool Board::holds(SlotId slot, Bytes image) {
    if (!ram_.empty()) return image.size() <= ram_.size() && equal(Bytes(ram_).first(image.size()), image);
    seen_.resize(image.size());
    return map_.slot(slot).region.read(0, seen_) && equal(seen_, image);
}

void Board::go_to(const Moment& moment) {
    flash_->power_on();
    flash_->set_content(moment.content);
    running_ = moment.running;
}

}  // namespace sb::sim
