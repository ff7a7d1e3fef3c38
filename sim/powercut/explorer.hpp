// sim/powercut: tells a life for every cut without telling any part of it twice. The undisturbed life is recorded,
// operation by operation. From each of them, each outcome is put into the flash, and the real code lives on. A program
// is a function of what it starts with and of what it reads; so at every operation the fingerprint of the flash, of
// all that this program has read and of the oracle is looked up: where a life that was told to its end had the same,
// this one ends as that did. Some lives are told in full all the same, to check that.
#pragma once

#include "sim/powercut/acts.hpp"
#include "sim/powercut/cuts.hpp"
#include "sim/powercut/fingerprint_map.hpp"
#include "sim/powercut/memo_crypto.hpp"

namespace sb::sim {

class Explorer {
public:
    Explorer(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast, Crypto& crypto,
             const LifeOptions& options);

    [[nodiscard]] LifeReport cut_everywhere();
    [[nodiscard]] LifeReport live_at_random();

private:
    static constexpr std::uint32_t none = ~0U;

    /// One operation of a recorded life, and what stood beside the flash when it began.
    struct Step {
        std::uint32_t offset = 0;
        std::vector<std::uint8_t> data{};  ///< nothing: an erase
        Act act = Act::boot;
        Oracle oracle;
        NorFlash::WeakState weak{};
    };
    struct Run {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> erases{};  ///< (operation, unit)
        std::vector<Step> steps{};                                      ///< where they are wanted
        std::uint32_t joins = none;                                     ///< the run that it goes on as
        std::uint32_t joins_at = 0;                                     ///< from this operation of that
    };
    struct Fate {
        Ending ending = Ending::goes_on;
        std::uint8_t boots = 0;  ///< that are still to come
        std::uint32_t run = 0;
        std::uint32_t operation = 0;
        std::uint32_t steps = 0;  ///< flash operations that are still to come
    };
    struct Moment {
        Fingerprint key;
        int boots = 0;
        std::uint32_t operation = 0;
    };
    struct Outcome {
        Ending ending = Ending::goes_on;
        int boots = 0;
        std::uint32_t steps = 0;  ///< flash operations until all is settled
        bool joined = false;
        std::uint32_t run = none;  ///< that it was told as; none: it joined another one at once
        Fate joins{};
        std::string objection{};
    };
    /// A cut and what came of it.
    struct Cut {
        Outcome outcome{};
        std::vector<std::uint32_t> wear{};
        bool any_will_do = false;  ///< each other cut of that operation leads to the same
    };
    /// How a state came about: what to tell when it is the end.
    struct CutAt {
        std::uint64_t operation = 0;  ///< counted from the cut before
        PowerCut cut{};
    };
    using Path = std::vector<CutAt>;
    struct Child {
        CutAt at;
        std::uint32_t run;
    };

    [[nodiscard]] LifeState beginning() const;
    /// Lives on from what is in the flash to the end.
    Outcome live_on(LifeState state, bool keep_steps);
    Outcome live_in_full(LifeState state);
    /// Whether a life that was told had this very state; found_ is then how it went on.
    [[nodiscard]] bool known(int boots);
    void note_operation(const LifeState& state, std::uint32_t offset, Bytes data, bool keep_steps);
    [[nodiscard]] Outcome end_of(const LifeState& state) const;
    void remember(const Outcome& outcome);

    void redo(const Step& step);
    void cut_operation(const Step& step, const Path& path, std::vector<Child>* children);
    [[nodiscard]] Cut cut_and_live(const Step& step, const PowerCut& cut, bool keep_steps);
    void cut_recoveries(const Step& step, std::vector<Child>& children);
    void check_in_full(const Step& step, const Path& path, const Outcome& remembered,
                       const std::vector<std::uint32_t>& wear);
    /// Lets the power go in `step`.
    [[nodiscard]] LifeState tear(const Step& step, const PowerCut& cut);
    void count(const Outcome& outcome, const Path& path);
    [[nodiscard]] std::vector<std::uint32_t> wear_of(const Outcome& outcome) const;
    void note_wear(const std::vector<std::uint32_t>& wear);
    /// The life without a cut, recorded; false when that one ends badly already.
    [[nodiscard]] bool live_undisturbed();
    [[nodiscard]] LifeReport finish_report();
    void progress(std::uint64_t done, std::uint64_t all) const;

    // Lives at random.
    [[nodiscard]] Path random_path(std::uint64_t seed) const;
    /// From the factory through all cuts of `path`; what strikes is told in `story`.
    [[nodiscard]] LifeState live_path(const Path& path, std::string* story, std::uint64_t* struck);
    void act_aloud(LifeState& state, std::string* story);
    void check_path_in_full(const Path& path, const Outcome& remembered);
    [[nodiscard]] Path shrink(Path path);
    [[nodiscard]] bool fails(const Path& path);
    [[nodiscard]] std::string tell(const Path& path);
    [[nodiscard]] std::string where(std::uint32_t offset) const;

    BoardSpec spec_;
    const Cast& cast_;
    LifeOptions options_;
    MemoCrypto crypto_;
    Board board_;
    NorFlash& flash_;
    std::vector<std::uint32_t> factory_wear_;
    NorFlash::Moment factory_;
    LifeReport report_;
    std::vector<PowerCut> program_cuts_;
    std::vector<PowerCut> erase_cuts_;

    FingerprintMap<Fate> fates_;
    std::vector<Run> runs_;
    // Of the life that is being told.
    std::vector<Moment> moments_;
    std::uint32_t operations_ = 0;
    std::optional<Fate> found_;
    std::optional<Path> first_bad_;
};

}  // namespace sb::sim
