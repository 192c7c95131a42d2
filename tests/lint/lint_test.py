#!/usr/bin/env python3
"""The lints find what they are for: each rule gets a text that breaks it and one that does not."""
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "lint"))

import check_clocks  # noqa: E402
import check_coroutines  # noqa: E402
import check_layering  # noqa: E402
import check_text  # noqa: E402


class Layering(unittest.TestCase):
    layers = check_layering.load_layers(ROOT / "tools/lint/layers.txt")

    def faults(self, path, text):
        return check_layering.check(path, text, self.layers)

    def test_a_policy_may_not_see_the_clock_side_of_the_house(self):
        self.assertEqual(len(self.faults("scaler/policy/x.cc", '#include "common/http/transport.h"\n')), 1)
        self.assertEqual(self.faults("scaler/policy/x.cc", '#include "scaler/model/decision.h"\n'), [])

    def test_the_fake_never_sees_the_scaler_nor_the_simulator(self):
        self.assertEqual(len(self.faults("fake-apiserver/api/x.cc", '#include "scaler/policy/policy.h"\n')), 1)
        self.assertEqual(len(self.faults("fake-apiserver/api/x.cc", '#include "sim/service/engine.h"\n')), 1)

    def test_the_engine_knows_no_kubernetes(self):
        self.assertEqual(len(self.faults("sim/service/x.cc", '#include "common/kube/quantity.h"\n')), 1)

    def test_tests_may_see_everything(self):
        self.assertEqual(self.faults("scaler/policy/x_test.cc", '#include "fake-apiserver/fake_apiserver.h"\n'), [])

    def test_includes_are_paths_from_the_root(self):
        self.assertEqual(len(self.faults("common/base/x.cc", '#include "time.h"\n')), 1)

    def test_heavy_headers_have_their_places(self):
        self.assertEqual(len(self.faults("scaler/app/x.cc", "#include <boost/beast/http.hpp>\n")), 1)
        self.assertEqual(len(self.faults("scaler/app/config.cc", "#include <CLI/CLI.hpp>\n")), 1)
        self.assertEqual(self.faults("scaler/app/flags.cc", "#include <CLI/CLI.hpp>\n"), [])

    def test_a_new_folder_must_be_placed(self):
        self.assertEqual(len(self.faults("elsewhere/x.cc", '#include "common/base/time.h"\n')), 1)


class Clocks(unittest.TestCase):
    def faults(self, text, path="sim/x.cc"):
        return check_clocks.check(path, text)

    def test_real_clocks_are_found(self):
        for text in ("auto t = std::chrono::system_clock::now();", "auto t = steady_clock::now();",
                     "std::this_thread::sleep_for(1s);", "time(nullptr);", "gettimeofday(&tv, nullptr);"):
            self.assertEqual(len(self.faults(text)), 1, text)

    def test_ambient_randomness_is_found(self):
        for text in ("std::random_device d;", "std::mt19937 g;", "std::normal_distribution<> n;", "int x = rand();",
                     "std::shuffle(a, b, g);"):
            self.assertEqual(len(self.faults(text)), 1, text)

    def test_the_seam_itself_is_allowed(self):
        self.assertEqual(self.faults("auto t = std::chrono::steady_clock::now();", "common/base/real_clock.cc"), [])
        self.assertEqual(self.faults("co_await clock_.sleep_for(15s);"), [])
        self.assertEqual(self.faults("base::MonoTime t = clock.monotonic_now();"), [])

    def test_comments_and_texts_do_not_count(self):
        self.assertEqual(self.faults('// steady_clock::now\nlog("rand()");'), [])


class Coroutines(unittest.TestCase):
    def faults(self, text):
        return check_coroutines.check("x.cc", text)

    def test_the_crashing_forms_are_found(self):
        for text in ("void f() { co_await g(Options{.n = 1}); }",
                     "void f() { co_await g({.n = 1}); }",
                     "void f() { auto x = co_await g({a, b}); }",
                     "void f() { co_await g([x] { return x; }); }",
                     "void f() { co_await g([x = std::move(y)](int n) { return x + n; }); }",
                     "void f() { co_await g([=] { return x; }); }",
                     "void f() { co_return co_await g(Patch{a, 1}); }"):
            self.assertEqual(len(self.faults(text)), 1, text)

    def test_a_bare_co_await_as_a_condition_is_found(self):
        for text in ("void f() { if (co_await g(a)) { h(); } }", "void f() { while (!co_await g(a)) h(); }",
                     "void f() { switch (co_await g()) { case 1: h(); } }"):
            self.assertEqual(len(self.faults(text)), 1, text)

    def test_the_safe_forms_are_not(self):
        for text in ("void f() { Options o{.n = 1}; co_await g(std::move(o)); }",
                     "void f() { auto op = g(Options{.n = 1}); co_await std::move(op); }",
                     "void f() { co_await g([&] { return x; }); }",
                     "void f() { if (const bool x = co_await g(a)) { h({1, 2}); } }",
                     "void f() { for (;;) { auto x = co_await g(v[i]); if (!x) { co_return; } use({x}); } }",
                     "asio::awaitable<void> f() { while (auto c = co_await s->next()) { body += *c; } }"):
            self.assertEqual(self.faults(text), [], text)


class Text(unittest.TestCase):
    def test_machine_paths_and_markers_are_found(self):
        self.assertEqual(len(check_text.check("x.md", "see /ro" "ot/x")), 1)
        self.assertEqual(len(check_text.check("x.cc", "// TO" "DO later")), 1)
        self.assertEqual(len(check_text.check("x.cc", "SUCC" "EED();")), 1)
        self.assertEqual(check_text.check("x.md", "see docs/determinism.md and /apis/apps/v1"), [])


if __name__ == "__main__":
    unittest.main()
