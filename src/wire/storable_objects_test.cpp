// Images of what Perl's Storable 3.26 (Perl 5.36) made of what is written beside them:
//
//     perl -MStorable=nfreeze -e 'print unpack "H*", nfreeze ["b", <the expression>]'
//
// with $Storable::Deparse = 1, and with these before it; the bytes here are those behind the port name.
//
//     our ($t, $f) = (JSON::PP::true, JSON::PP::false);    # JSON::XS has the same two
//     sub bs { my ($class, $scalar) = @_; bless \$scalar, $class }
//     sub th { tie my %h, "Tie::StdHash"; $h{a} = 1; \%h }     # ta, ts: the same with [1] and \5
//     sub Froz::STORABLE_freeze { ("abc", @{$_[0]{l}}) }    # and STORABLE_thaw, of FrozS, too
//     sub FrozS::STORABLE_freeze { "abc" }
//     sub Opaque::TIEHASH { bless [1], shift }              # TIEARRAY: {}, TIESCALAR: []
#include <gtest/gtest.h>

#include "wire/storable_test.hpp"

namespace aemp::wire {
namespace {

using testing::expect_perl;
using testing::hex_32;
using testing::repeated;
using testing::storable_elements;

TEST(storable_objects, understands_the_booleans_of_every_json_module) {
  expect_perl({
      {"$t, $f", "1411114a534f4e3a3a50503a3a426f6f6c65616e08811412000880", "[true,false]"},
      {"$t, $t, $f, $t, $f",
       "1411114a534f4e3a3a50503a3a426f6f6c65616e088114000000000314120008801400000000031400000000"
       "06",
       "[true,true,false,true,false]"},
      {"{a => $t, b => [$t]}",
       "0403000000020402000000011411114a534f4e3a3a50503a3a426f6f6c65616e088100000001621400000000"
       "070000000161",
       R"([{"a":true,"b":[true]}])"},
      {R"(bs("Types::Serialiser::Boolean", 1), bs("Types::Serialiser::Boolean", 0))",
       "14111a54797065733a3a53657269616c697365723a3a426f6f6c65616e08811412000880", "[true,false]"},
      {R"(bs("JSON::XS::Boolean", 1), bs("JSON::XS::Boolean", ""))",
       "0411114a534f4e3a3a58533a3a426f6f6c65616e08810412000a00", "[true,false]"},
      {R"(\1, \0)", "040881040880", "[true,false]"},
      {R"(\"1", \"0")", "040a0131040a0130", "[true,false]"},
      {R"(\!!1, \!!0)", "040f0410", "[true,false]"},
  });
}

// Written by hand: Perl 5.36 has no such type yet. Its later versions write them for !!1 and !!0.
TEST(storable_objects, understands_the_booleans_of_perl) {
  expect_perl({{"!!1, !!0", "2223", "[true,false]"}, {R"(\!!1, \!!0)", "04220423", "[true,false]"}});
}

TEST(storable_objects, takes_the_content_of_objects_and_what_references_lead_to) {
  expect_perl({
      {R"(bless({a => 1}, "Plain"))", "041105506c61696e030000000108810000000161", R"([{"a":1}])"},
      {R"(bless([1, 2], "Plain"), bless([3], "Plain"))",
       "041105506c61696e02000000020881088204120002000000010883", "[[1,2],[3]]"},
      {R"(bs("Plain", 5), bs("Plain", 1), bs("Plain", "x"))", "041105506c61696e088504120008810412000a0178",
       R"([5,1,"x"])"},
      {R"(bless({a => bless([$t], "Inner")}, "Plain"), bless([], "Inner"))",
       "041105506c61696e0300000001041105496e6e657202000000011411114a534f4e3a3a50503a3a426f6f6c65"
       "616e088100000001610412010200000000",
       R"([{"a":[true]},[]])"},
      {R"(\2, \"text", \undef)", "040882040a0474657874040e", R"([2,"text",null])"},
      {R"(\\1, \[1], \\[2])", "0404088104040200000001088104040402000000010882", "[true,[1],[2]]"},
      {R"(in $m: bless \$m[1], "Plain"; bless \$m[2], "JSON::PP::Boolean")",
       "1105506c61696e088111114a534f4e3a3a50503a3a426f6f6c65616e0882", "[1,true]"},
  });
}

TEST(storable_objects, takes_the_text_of_regular_expressions_and_version_strings) {
  expect_perl({
      {R"(qr/a.c/, qr/x\d/i)", "041106526567657870200003612e6300041200200003785c640169",
       R"x(["(?^:a.c)","(?^i:x\\d)"])x"},
      {R"(qr/\x{263a}/, qr/a$/msx)", "0411065265676578702000085c787b323633617d01750412002000026124036d7378",
       R"x(["(?^u:\\x{263a})","(?^msx:a$)"])x"},
      {"v1.2.3, 10", "1d0676312e322e330a03010203088a", R"(["v1.2.3",10])"},
  });
}

TEST(storable_objects, makes_null_of_what_has_no_content) {
  expect_perl({
      {"sub {}, 3",
       "041a0a2a7b0a20202020757365207761726e696e67733b0a20202020757365207374726963743b0a20202020"
       "0a7d0883",
       "[null,3]"},
      {R"(bless({l => []}, "Froz"), 4)", "0413020446726f7a036162630884", "[null,4]"},
      {R"(bless({l => [[1], {a => 2}, \"x"]}, "Froz"), bless({l => []}, "Froz"), 5)",
       "0413420200000001088142030000000108820000000161420a0178820446726f7a0361626303000000040000"
       "00060000000804132200036162630885",
       "[null,null,5]"},
      {R"(bs("FrozS", 1), bless([], "FrozS"))", "0413000546726f7a53036162630413210003616263", "[null,null]"},
      {R"(bless(th(), "FrozS"), bless(ta(), "FrozS"), bless(ts(), "FrozS"), 6)",
       "041303060546726f7a530361626304110c5469653a3a53746448617368030000000108810000000161041323"
       "05000361626304110d5469653a3a53746441727261790200000001088104132304000361626304110e546965"
       "3a3a5374645363616c617208850886",
       "[null,null,null,6]"},
      {R"(\(th()->{a}), 7)", "041504110c5469653a3a537464486173680300000001088100000001610a01610887",
       "[null,7]"},
      {R"(\(ta()->[0]), 8)", "041604110d5469653a3a537464417272617902000000010881000000000888", "[null,8]"},
      {R"(do { tie my %h, "Opaque"; \%h }, do { tie my @a, "Opaque"; \@a }, do { tie my $s, "Opaque"; \$s })",
       "040c0411064f706171756502000000010881040b0412000300000000040d0412000200000000", "[null,null,null]"},
  });
}

TEST(storable_objects, takes_the_content_of_tied_variables_that_have_it) {
  expect_perl({
      {"th(), ta(), ts()",
       "040c04110c5469653a3a53746448617368030000000108810000000161040b04110d5469653a3a5374644172"
       "72617902000000010881040d04110e5469653a3a5374645363616c61720885",
       R"([{"a":1},[1],5])"},
      {R"(in $m: tie $m[1], "Tie::StdScalar", 5)", "0d04110e5469653a3a5374645363616c61720885", "[5]"},
  });
}

TEST(storable_objects, knows_what_came_before_by_its_number) {
  expect_perl({
      {"do { my $l = [1]; ($l, $l, {l => $l}) }",
       "0402000000010881040000000003040300000001040000000003000000016c", R"([[1],[1],{"l":[1]}])"},
      {"do { my $l = [1]; my $h = {a => $l, b => $l}; ($h, $l, $h) }",
       "040300000002040200000001088100000001620400000000050000000161040000000005040000000003",
       R"([{"a":[1],"b":[1]},[1],{"a":[1],"b":[1]}])"},
      {R"(do { my $o = bless({}, "Plain"); ($o, [$o]) })",
       "041105506c61696e0300000000040200000001040000000003", "[{},[{}]]"},
      {R"(do { my $s = "text"; (\$s, \$s) })", "040a0474657874040000000003", R"(["text","text"])"},
      {R"(do { my $o = bless({l => []}, "Froz"); ($o, $o, 1) })", "0413020446726f7a036162630400000000030881",
       "[null,null,1]"},
      {"do { my $c = sub {}; ($c, $c, 1) }",
       "041a0a2a7b0a20202020757365207761726e696e67733b0a20202020757365207374726963743b0a20202020"
       "0a7d0400000000030881",
       "[null,null,1]"},
      {"do { my $q = qr/a/; ($q, $q) }", "0411065265676578702000016100040000000003",
       R"x(["(?^:a)","(?^:a)"])x"},
      {R"(do { my $v = v1.2; (\$v, \$v) })", "041d0476312e320a020102040000000003", R"(["v1.2","v1.2"])"},
      {"do { my $h = th(); ($h, $h) }",
       "040c04110c5469653a3a53746448617368030000000108810000000161040000000003", R"([{"a":1},{"a":1}])"},
      {"in $m: weaken($m[2] = $m[1] = [4])", "04020000000108841b0000000003", "[[4],[4]]"},
      {"in $m: weaken($m[1] = [4]); $m[2] = [$m[1]]", "1b02000000010884040200000001040000000003",
       "[[4],[[4]]]"},
      {"in $m: $m[1] = $m[2] = $t; weaken $m[1]", "1c11114a534f4e3a3a50503a3a426f6f6c65616e0881140000000003",
       "[true,true]"},
  });
}

TEST(storable_objects, counts_everything_as_perl_does) {
  expect_perl({
      {"do { my $l = [9]; ([undef, undef], $l, $l) }", "04020000000205050402000000010889040000000007",
       "[[null,null],[9],[9]]"},
      {R"(do { my ($l, @a) = [9]; $a[2] = 1; (\@a, $l, $l) })",
       "0402000000030e0e08810402000000010889040000000008", "[[null,null,1],[9],[9]]"},
      {R"(do { my $l = [9]; (sub { \@_ }->(undef, 2), $l, $l) })",
       "0402000000021f08820402000000010889040000000007", "[[null,2],[9],[9]]"},
      {"do { my $l = [9]; (sub {}, $l, $l) }",
       "041a0a2a7b0a20202020757365207761726e696e67733b0a20202020757365207374726963743b0a20202020"
       "0a7d0402000000010889040000000006",
       "[null,[9],[9]]"},
      {"do { my $l = [9]; (v1.2.3, $l, $l) }", "1d0676312e322e330a030102030402000000010889040000000004",
       R"(["v1.2.3",[9],[9]])"},
      {"do { my $l = [9]; (qr/a/, $l, $l) }", "04110652656765787020000161000402000000010889040000000005",
       R"x(["(?^:a)",[9],[9]])x"},
      {R"(do { my $l = [9]; (bless({l => [$l, [], \1]}, "Froz"), $l, $l) })",
       "04134202000000010889420200000000420881820446726f7a03616263030000000400000006000000070400"
       "00000004040000000004",
       "[null,[9],[9]]"},
      {R"(do { my $l = [9]; (bless({l => [bless({l => [[]]}, "Froz")]}, "Froz"), $l, $l) })",
       "04134213420200000000820446726f7a036162630100000005a2000361626301000000040402000000010889"
       "040000000007",
       "[null,[9],[9]]"},
      {R"(do { my $l = [9]; (bless(th(), "FrozS"), $l, $l) })",
       "041303060546726f7a530361626304110c5469653a3a53746448617368030000000108810000000161040200"
       "0000010889040000000008",
       "[null,[9],[9]]"},
      {R"(do { my $l = [9]; (th(), ta(), ts(), \(th()->{a}), \(ta()->[0]), $l, $l) })",
       "040c04110c5469653a3a53746448617368030000000108810000000161040b04110d5469653a3a5374644172"
       "72617902000000010881040d04110e5469653a3a5374645363616c6172088504150412000300000001088100"
       "000001610a016104160412010200000001088100000000040200000001088904000000001c",
       R"([{"a":1},[1],5,null,null,[9],[9]])"},
      {R"(do { my $l = [9]; ($t, bless({a => 1}, "Plain"), \\2, $l, $l) })",
       "1411114a534f4e3a3a50503a3a426f6f6c65616e0881041105506c61696e0300000001088100000001610404"
       "0882040200000001088904000000000b",
       R"([true,{"a":1},2,[9],[9]])"},
      {R"(do { my $l = [9]; (-1, 1000, "x", "\x{263a}", !!1, !!0, $l, $l) })",
       "087f09000003e80a01781703e298ba0a01310a000402000000010889040000000009",
       R"([-1,1000,"x","☺","1","",[9],[9]])"},
  });
}

TEST(storable_objects, makes_null_of_what_lies_in_itself) {
  expect_perl({
      {"do { my $l = [1]; push @$l, $l; ($l, 2) }", "04020000000208810400000000030882", "[[1,null],2]"},
      {"do { my $h = {}; $h->{me} = $h; ($h, [$h]) }",
       "040300000001040000000003000000026d65040200000001040000000003", R"([{"me":null},[{"me":null}]])"},
      {R"(do { my $s; $s = \$s; ($s, 3) })", "040400000000030883", "[null,3]"},
      {R"(do { my $o = bless({}, "Plain"); $o->{parent} = {child => $o}; ($o, 4) })",
       "041105506c61696e0300000001040300000001040000000003000000056368696c6400000006706172656e74"
       "0884",
       R"([{"parent":{"child":null}},4])"},
      {R"(in $m: push @m, \@m, 1)", "0400000000000881", "[null,1]"},
  });
}

TEST(storable_objects, takes_the_content_of_restricted_maps) {
  expect_perl({
      {R"(do { my %h = (a => 1); Hash::Util::lock_keys(%h, "a", "b"); \%h })",
       "041901000000020e1400000001620881000000000161", R"([{"a":1}])"},
      {R"(do { my %h = (a => 1); Hash::Util::lock_hash(%h); \%h })", "041901000000010881040000000161",
       R"([{"a":1}])"},
      {R"(do { use utf8; my $h = bless {"☺" => 1, "é" => 2, b => 3}, "Plain"; Hash::Util::lock_hash(%$h); $h })",
       "041105506c61696e19010000000308820600000001e908810500000003e298ba0883040000000162",
       R"([{"b":3,"é":2,"☺":1}])"},
  });
}

std::string class_of(std::string_view name) {
  return "0411" + to_hex(std::string(1, static_cast<char>(name.size()))) + to_hex(name);
}

// All as Perl writes them: from 128 classes on, or bytes of a name, there are four bytes for the number.
TEST(storable_objects, reads_long_names_and_numbers_of_classes) {
  EXPECT_EQ(storable_elements("041180" + hex_32(200) + to_hex(std::string(200, 'C')) +
                                  "020000000108810412000200000001"
                                  "0882",
                              2),
            "[[1],[2]]");
  std::string many;
  for (int i = 0; i < 130; ++i) many += class_of("C" + std::to_string(i)) + "0200000000";
  const std::string last = storable_elements(many + "04128000000081020000000108870412050200000000", 132);
  EXPECT_TRUE(last.ends_with(",[],[7],[]]")) << last;
  EXPECT_EQ(storable_elements("041200020000000108870412050200000000", 2), "malformed_packet");
}

// The same, of objects with STORABLE_freeze; their lengths are long from 256 on.
TEST(storable_objects, reads_all_lengths_of_what_a_class_has_frozen) {
  const std::string long_text = hex_32(300) + to_hex(std::string(300, 'x'));
  EXPECT_EQ(storable_elements("04130905" + to_hex("FrozL") + long_text + "0881", 2), "[null,1]");
  const std::string long_class = hex_32(300) + to_hex(std::string(300, 'L'));
  EXPECT_EQ(storable_elements("041305" + long_class + "017a" + "0881", 2), "[null,1]");

  std::string objects =
      "0413" + repeated("410200000000", 300) + "9105" + to_hex("FrozM") + "0178" + hex_32(300);
  for (std::size_t i = 0; i < 300; ++i) objects += hex_32(4 + i);
  EXPECT_EQ(storable_elements(objects + "0881", 2), "[null,1]");

  std::string many;
  for (int i = 0; i < 300; ++i) {
    const std::string name = "H" + std::to_string(i);
    many += "041301" + to_hex(std::string(1, static_cast<char>(name.size()))) + to_hex(name) + "0179";
  }
  const std::string last = storable_elements(many + "0413250000012b01790881", 302);
  EXPECT_TRUE(last.ends_with(",null,1]")) << last;
}

TEST(storable_objects, reads_long_patterns_versions_and_code) {
  const std::string pattern(300, 'a');
  EXPECT_EQ(storable_elements("04110652656765787020010000012c" + to_hex(pattern) + "01690881", 2),
            "[\"(?^i:" + pattern + ")\",1]");
  const std::string version(300, '1');
  EXPECT_EQ(storable_elements("1e" + hex_32(300) + to_hex(version) + "0a0101" + "0881", 2),
            "[\"" + version + "\",1]");
  EXPECT_EQ(storable_elements("041a18" + hex_32(300) + to_hex(std::string(300, 'x')) + "0881", 2),
            "[null,1]");
}

TEST(storable_objects, refuses_what_no_perl_writes) {
  EXPECT_EQ(storable_elements("041a0881"), "malformed_packet");          // code that is a number
  EXPECT_EQ(storable_elements("1d0476312e320881"), "malformed_packet");  // a version of a number
  EXPECT_EQ(storable_elements("0413200003616263"), "malformed_packet");  // a class that there is not
  EXPECT_EQ(storable_elements("04138004" + to_hex("Froz") + "0003"), "malformed_packet");
  EXPECT_EQ(storable_elements("04139004" + to_hex("Froz") + "00ffffffff"), "malformed_packet");
  EXPECT_EQ(storable_elements("041180ffffffff"), "malformed_packet");
  EXPECT_EQ(storable_elements("041901000000010881080000000161"),
            "malformed_packet");  // a key that is a scalar
  EXPECT_EQ(storable_elements("041902000000010881000000000161"),
            "malformed_packet");  // an unknown kind of map
}

// What the decoder has to say after each of the packets with one of these elements.
std::vector<std::string> notes_of(std::initializer_list<const char*> elements) {
  const auto d = make_decoder("storable");
  testing::collected sink;
  std::vector<std::string> notes;
  for (const char* hex : elements) {
    EXPECT_TRUE(d->decode(testing::storable_frame(testing::storable_image(hex)), sink)) << hex;
    notes.push_back(d->take_note());
  }
  return notes;
}

TEST(storable_objects, say_once_what_arrives_as_something_else) {
  const std::vector<std::string> notes = notes_of({"0881", "041103466f6f0200000000", "041a0a027b7d"});
  EXPECT_EQ(notes[0], "");
  EXPECT_EQ(notes[1],
            "a message to port 'b' contains an object of class Foo, which arrives as its content; send plain "
            "lists, maps, texts and numbers. What else of this kind comes on this connection is not logged");
  EXPECT_EQ(notes[2], "");

  const auto says = [](const char* hex, std::string_view what) {
    const std::string note = notes_of({hex})[0];
    EXPECT_NE(note.find("contains " + std::string(what) + ";"), std::string::npos) << note;
  };
  says("040882", "a reference to a scalar, which arrives as the scalar's value");
  says("04040200000000", "a reference to a reference, which arrives as what that leads to");
  says("041a0a027b7d", "code, which arrives as null");
  says("0411065265676578702000016100", "a regular expression, which arrives as its text");
  says("1d0476312e320a020102", "a version string, which arrives as its text");
  says("040200000001040000000003", "a list, map or reference inside of itself, which arrives as null there");
  says("0413020446726f7a03616263",
       "an object of class Froz, which freezes itself (STORABLE_freeze) and arrives as null");
}

TEST(storable_objects, say_nothing_of_booleans_copies_and_maps_that_are_complete) {
  for (const char* hex :
       {"1411114a534f4e3a3a50503a3a426f6f6c65616e0881", "040880", "040a0131", "22",
        "041901000000010881040000000161", "0402000000020402000000010881040000000005", "1b0200000000"}) {
    EXPECT_EQ(notes_of({hex})[0], "") << hex;
  }
}

}  // namespace
}  // namespace aemp::wire
