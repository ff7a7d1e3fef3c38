// sim/prove: explores everything that can happen to a small device, with the code that ships: bootloader, journal and
// install session on the simulated part. A state is what the flash holds, weak cells included, what runs and what was
// promised. From each state every deed is done, with every reading of its weak cells; each of its operations is cut
// with every outcome. States that were seen are not gone into again; when none is left, all is known. The cheapest
// states come first, so that the first objection has the shortest story.
#pragma once

#include <functional>

#include "sim/powercut/memo_crypto.hpp"
#include "sim/powercut/workshop.hpp"
#include "sim/prove/journal_form.hpp"
#include "sim/prove/marks_form.hpp"
#include "sim/prove/slot_form.hpp"
#include "sim/prove/state_store.hpp"

namespace sb::prove {

struct ExploreOptions {
    std::uint8_t cuts = 2;                  ///< in a row, without an answer in between; any number in all
    bool update_mode = true;                ///< it is asked for, too, where the scheme does not need it
    Who newest = Who::third;                ///< version that there is, or Who::second
    std::uint64_t max_states = 20'000'000;  ///< stop there and say so
    std::function<void(std::uint64_t done, std::uint64_t left)> on_progress{};  ///< states
    /// In place of sb::boot, for tests that plant a bug.
    std::function<BootReport(Journal&, const BootDevice&)> bootloader{};
};

struct ExploreReport {
    std::uint64_t states = 0;
    std::uint64_t transitions = 0;
    std::uint64_t deeds = 0;       ///< programs that were run, each with all its cuts
    std::uint64_t cuts = 0;        ///< of the transitions
    std::uint64_t deepest = 0;     ///< deeds and cuts of the longest of the shortest stories
    bool complete = true;          ///< no state is left; false: max_states, or an objection, ended it
    std::string objection{};       ///< empty: there is none
    std::uint64_t operations = 0;  ///< deeds and cuts of the story
    std::vector<std::string> story{};
};

/// The images of an exploration and their packages.
struct Company {
    /// By Who: first, second, third, golden.
    std::array<std::vector<std::uint8_t>, 5> image{};
    std::array<std::vector<std::uint8_t>, 5> package{};  ///< whole images
    /// By what runs: the patch that makes the next one of it (next_of), and the way back.
    std::array<std::vector<std::uint8_t>, 5> patch{};
};
/// What is installed where `who` runs well, up to version `newest`; nothing: nothing.
[[nodiscard]] Who next_of(Who who, Who newest);
/// Of a device that takes patches.
struct Patches {
    std::uint32_t slot_bytes = 0;  ///< 0: none are made
    std::uint32_t erase_bytes = 0;
    Who newest = Who::third;
};
[[nodiscard]] Company make_company(const sim::Workshop& shop, std::uint32_t body_bytes, const Patches& patches = {});

class DeviceExplorer {
public:
    DeviceExplorer(const sim::BoardSpec& spec, const sim::BoardIdentity& identity, const Company& company,
                   Crypto& crypto, const ExploreOptions& options);
    [[nodiscard]] ExploreReport explore();

    /// One way in which the power goes.
    struct Outcome {
        sim::PowerCut cut;
        bool wiped = false;  ///< and takes the journal with it
    };

private:
    using Id = StateStore::Id;
    struct Objection {
        Id from = StateStore::none;
        Step step{};
        std::string what{};
    };
    /// How one weak range reads while a deed is done.
    struct Asked {
        std::uint32_t offset;
        std::uint8_t choice;
        std::uint8_t of;  ///< choices there are
        bool flip;        ///< alternating: as done next time
    };

    /// The mark of weak cells that may read another way at each deed; each way is tried.
    static constexpr sim::WeakReads as_it_likes = sim::WeakReads::random;

    void expand(Id id);
    void do_deed(Id id, Deed deed);
    /// Does it once, with the readings that `choices` say and the first of each where they say nothing.
    void run_deed(Id id, Deed deed, const Choices& choices);
    void begin_deed(Id id, const Choices& choices);
    /// Each answers what is wrong, if anything.
    [[nodiscard]] std::string act(Deed deed, Promises& now);
    [[nodiscard]] std::string boot(Promises& now);
    /// `whole`: where either would do, the whole image and not a patch.
    [[nodiscard]] std::string install(Promises& now, bool whole);
    [[nodiscard]] std::string confirm(Promises& now);
    [[nodiscard]] std::string ask_for_reset(Promises& now);
    [[nodiscard]] std::string ask_to_wait(Promises& now);
    [[nodiscard]] std::string stop_waiting(Promises& now);
    [[nodiscard]] std::vector<Deed> deeds_of(const Promises& now) const;
    [[nodiscard]] Who image_for(const Promises& now) const;
    [[nodiscard]] bool takes_patch(const Promises& now) const;
    [[nodiscard]] Bytes package_for(const Promises& now, bool whole) const;
    [[nodiscard]] std::string wear_of_deed(const Promises& now) const;
    [[nodiscard]] Who look(SlotId slot);
    [[nodiscard]] const std::vector<std::uint8_t>& image(Who who) const {
        return company_.image[static_cast<std::size_t>(who)];
    }
    [[nodiscard]] sim::WeakReads reading_of(std::uint32_t offset);
    [[nodiscard]] Choices chosen() const;

    void cut_here(Id id, Deed deed, const Promises& now, std::uint32_t offset, Bytes data);
    void cut_with(Id id, const Step& step, const Promises& now, std::uint32_t offset, Bytes data,
                  const Outcome& outcome);
    /// What is in the flash now follows from `from` by `step`.
    void reached(Id from, const Promises& promises, const Step& step);
    void await(Id id, std::size_t cost);
    [[nodiscard]] Fingerprint key_of(const Promises& promises);
    using FormMemo = sim::FingerprintMap<Fingerprint>;
    template <class Form>
    [[nodiscard]] Fingerprint form_of(Form& form, const EraseUnit& region, FormMemo& known);

    [[nodiscard]] std::vector<std::string> tell(const Objection& objection);
    [[nodiscard]] std::string tell_step(Id from, const Step& step);
    [[nodiscard]] std::string tell_readings() const;
    [[nodiscard]] std::string name_of_deed(Deed deed, const Promises& now) const;
    [[nodiscard]] std::string where(std::uint32_t offset) const;

    sim::BoardSpec spec_;
    const SchemePromise& scheme_;
    const Company& company_;
    ExploreOptions options_;
    sim::MemoCrypto crypto_;
    sim::Board board_;
    sim::NorFlash& flash_;
    JournalForm journal_;
    std::optional<MarksForm> marks_;  // of a device that has some
    EraseUnit marks_region_{};
    FormMemo known_records_;
    FormMemo known_marks_;
    Fingerprint no_records_;  // the form of a journal that was wiped
    bool wiped_ = false;      // it is to be wiped, if that leads to anything new
    SlotForm slots_;
    StateStore store_;
    std::vector<std::uint32_t> erases_before_;  // of each unit
    std::vector<Outcome> program_outcomes_;
    std::vector<Outcome> erase_outcomes_;
    std::vector<std::vector<Id>> frontier_;  // by cost
    ExploreReport report_;
    std::optional<Objection> first_bad_;
    // Of the deed that is being done.
    Choices choices_;
    std::vector<Asked> asked_;
    std::uint16_t operation_ = 0;
    bool tearing_ = false;
};

}  // namespace sb::prove
