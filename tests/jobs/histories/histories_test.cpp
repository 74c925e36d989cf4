/// Random histories of an output directory: no yes while a document that was offered is lost, and no no where
/// nothing went wrong. RC_PARAMS="max_success=10000" hunts for longer (tools/faults --long histories).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

#include "jobs/histories/history.h"
#include "jobs/histories/world.h"

namespace outro::histories {
namespace {

rc::Gen<document_spec> any_document() {
  const auto small = [](int n) {
    return rc::gen::map(rc::gen::inRange(0, n), [](int i) { return static_cast<std::uint8_t>(i); });
  };
  return rc::gen::build<document_spec>(
      rc::gen::set(&document_spec::account, small(5)), rc::gen::set(&document_spec::content, small(4)),
      rc::gen::set(&document_spec::hour, small(25)), rc::gen::set(&document_spec::visits, small(3)),
      rc::gen::set(&document_spec::bad,
                   rc::gen::map(rc::gen::inRange(0, 15), [](int i) { return i == 14; })));
}

rc::Gen<command> any_command() {
  const auto number = [] {
    return rc::gen::map(rc::gen::inRange(0, 1000), [](int i) { return static_cast<std::uint16_t>(i); });
  };
  return rc::gen::build<command>(
      rc::gen::set(&command::what, rc::gen::weightedElement<verb>({{6, verb::put},
                                                                   {2, verb::cut},
                                                                   {2, verb::flip},
                                                                   {1, verb::empty},
                                                                   {3, verb::restore},
                                                                   {1, verb::rename},
                                                                   {1, verb::hide},
                                                                   {1, verb::remove},
                                                                   {6, verb::run},
                                                                   {2, verb::run_one},
                                                                   {1, verb::run_piped},
                                                                   {2, verb::run_changing},
                                                                   {2, verb::run_crashing},
                                                                   {1, verb::lose},
                                                                   {2, verb::rebuild},
                                                                   {1, verb::verify},
                                                                   {1, verb::verify_against},
                                                                   {1, verb::verify_against_one},
                                                                   {2, verb::verify_accepting},
                                                                   {1, verb::verify_accepting_cut}})),
      rc::gen::set(&command::a, number()), rc::gen::set(&command::b, number()),
      rc::gen::set(&command::c, number()),
      rc::gen::set(&command::documents, rc::gen::resize(6, rc::gen::container<std::vector<document_spec>>(
                                                               rc::gen::resize(100, any_document())))));
}

rc::Gen<history> any_history() {
  return rc::gen::withSize([](int size) {
    return rc::gen::resize(4 + size / 6, rc::gen::container<history>(rc::gen::resize(100, any_command())));
  });
}

RC_GTEST_PROP(histories, have_no_yes_while_a_document_is_lost, ()) {
  const auto commands = *any_history();
  world w;
  std::string wrong;
  for (const auto& c : commands)
    if (wrong.empty()) wrong = w.step(c);
  if (wrong.empty()) wrong = w.end();
  if (!wrong.empty()) RC_FAIL(wrong);
  RC_CLASSIFY(w.said_yes(), "a yes");
  RC_CLASSIFY(w.said_yes_after_damage(), "a yes although something had gone wrong");
}

RC_GTEST_PROP(histories, of_three_runs_over_the_same_input_hand_out_what_one_run_hands_out, ()) {
  const auto puts = *rc::gen::resize(5, rc::gen::container<history>(rc::gen::resize(100, any_command())));
  std::map<std::string, std::string> after_one;
  for (const int times : {1, 3}) {
    world w;
    for (auto c : puts) {
      c.what = verb::put;
      w.step(c);
    }
    for (int i = 0; i < times; ++i) {
      RC_ASSERT(w.step({verb::run, 0, 0, 0, {}}) == "");
      w.touch_shards();  // or there is nothing to do
    }
    if (times == 1) after_one = w.current();
    RC_ASSERT(w.current() == after_one);
  }
}

}  // namespace
}  // namespace outro::histories
