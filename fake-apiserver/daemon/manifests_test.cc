// --load: what is wrong with a manifest is one line that says where, and nothing is served.
#include "fake-apiserver/daemon/manifests.h"

#include "fake-apiserver/daemon/daemon.h"
#include "fake-apiserver/daemon/folder_test_fixture.h"

namespace fakeapi {
namespace {

namespace fs = std::filesystem;

const std::string kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: side, image: log}
      - name: main
        image: nginx
        imagePullPolicy: Never
)";

const std::string kDefinition = R"(apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {colour: {type: string}}}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
spec: {colour: red}
)";

class ManifestsTest : public FolderTest {
 protected:
  // What a server with these flags says, without the folder's name; "" if it serves.
  std::string start(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"fake-apiserver", "--port=0", "--log-level=off"});
    std::vector<const char*> argv;
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    const auto daemon = Daemon::start(*parse_flags(static_cast<int>(argv.size()), argv.data()).flags);
    if (daemon) return "";
    EXPECT_EQ(daemon.error().code, base::ErrorCode::kInvalid);
    std::string said = daemon.error().message;
    const std::string at = folder_.string() + "/";
    for (std::size_t found = said.find(at); found != std::string::npos; found = said.find(at))
      said.erase(found, at.size());
    return said;
  }
  std::string load(const std::string& text) const {
    write("m.yaml", text);
    return start({"--load", file("m.yaml")});
  }
  static std::string with(std::string text, const std::string& what, const std::string& instead) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
  }
};

TEST_F(ManifestsTest, AFieldThatTheKindDoesNotHaveIsAnError) {
  EXPECT_EQ(load(kDeployment), "");
  EXPECT_EQ(load(with(kDeployment, "replicas", "replicsa")),
            "m.yaml:5:3: unknown field \"spec.replicsa\"; did you mean \"replicas\"?");
  EXPECT_EQ(load(with(kDeployment, "imagePullPolicy", "imagePullPolcy")),
            "m.yaml:14:9: unknown field \"spec.template.spec.containers[1].imagePullPolcy\"; did you mean "
            "\"imagePullPolicy\"?");
  EXPECT_EQ(load(with(kDeployment, "metadata: {name: web}", "metadata: {name: web, lables: {a: b}}")),
            "m.yaml:3:23: unknown field \"metadata.lables\"; did you mean \"labels\"?");
  EXPECT_EQ(load(kDeployment + "sepc: {}\n"), "m.yaml:15:1: unknown field \"sepc\"; did you mean \"spec\"?");
  EXPECT_EQ(load(kDeployment + "x.y/z~1: {}\n"), "m.yaml:15:1: unknown field \"x.y/z~1\"");
}

TEST_F(ManifestsTest, KeysThatLookLikePartsOfAPathAreUnknownFieldsLikeAnyOther) {
  for (const std::string key : {".", "..", "[", "[]", "[0]", ".x.y", "[0].a"}) {
    EXPECT_EQ(load(kDeployment + "\"" + key + "\": 1\n"), "m.yaml:15:1: unknown field \"" + key + "\"");
    EXPECT_EQ(load(with(kDeployment, "{name: web}", "{name: web, \"" + key + "\": 1}")),
              "m.yaml:3:23: unknown field \"metadata." + key + "\"");
  }
}

TEST_F(ManifestsTest, FieldsOfDefinedKindsAreCheckedBySchema) {
  EXPECT_EQ(load(kDefinition), "");
  EXPECT_EQ(load(with(kDefinition, "{colour: red}", "{color: red}")),
            "m.yaml:20:8: unknown field \"spec.color\"; did you mean \"colour\"?");
}

TEST_F(ManifestsTest, KindsAndVersionsThatAreNotServedAreToldWithWhatWasMeant) {
  EXPECT_EQ(load(with(kDeployment, "kind: Deployment", "kind: Deploymnet")),
            "m.yaml:2:7: no resource of kind Deploymnet in apps/v1; did you mean \"Deployment\"?");
  EXPECT_EQ(load(with(kDeployment, "apps/v1", "app/v1")),
            "m.yaml:1:13: no resource of kind Deployment in app/v1; did you mean \"apps/v1\"?");
  EXPECT_EQ(load(with(kDeployment, "apps/v1", "extensions/v1beta1")),
            "m.yaml:1:13: no resource of kind Deployment in extensions/v1beta1; did you mean \"apps/v1\"?");
  EXPECT_EQ(load("apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: x}\n"),
            "m.yaml:2:7: no resource of kind Thing in example.com/v1");
}

TEST_F(ManifestsTest, ValuesAreToldAtTheirPlace) {
  EXPECT_EQ(load(with(kDeployment, "replicas: 3", "replicas: -3")).substr(0, 12), "m.yaml:5:13:");
  EXPECT_EQ(load(with(kDeployment, "replicas: 3", "replicas: three")).substr(0, 12), "m.yaml:5:13:");
  EXPECT_EQ(load(with(kDeployment, "imagePullPolicy: Never", "args: [a, 5]")).substr(0, 13), "m.yaml:14:19:");
  EXPECT_EQ(load(with(kDeployment, "imagePullPolicy: Never", "ports: [{containerPort: http}]")).substr(0, 13),
            "m.yaml:14:33:");
  EXPECT_EQ(load(with(kDeployment, "name: main", "name: side")).substr(0, 13), "m.yaml:12:15:");
  EXPECT_EQ(load(with(kDeployment, "image: nginx", "image: nginx\n        image: again")),
            "m.yaml:14:9: duplicate key \"image\", first given in line 13");
  EXPECT_EQ(load(with(kDeployment, "kind: Deployment\n", "")), "m.yaml:1:1: kind is missing");
  EXPECT_EQ(load(with(kDeployment, "{name: web}", "{nmae: web}")).substr(0, 12), "m.yaml:3:11:");
  EXPECT_NE(load(with(kDeployment, "{name: web}", "{name: web, namespace: nowhere}")).find("nowhere"),
            std::string::npos);
}

TEST_F(ManifestsTest, NothingToLoadIsAnError) {
  EXPECT_EQ(load(""), "m.yaml: no objects in it");
  EXPECT_EQ(load("# soon\n---\n"), "m.yaml: no objects in it");
  EXPECT_EQ(start({"--load", file("missing")}), "missing: no such file");
  fs::create_directories(file("empty"));
  write("empty/notes.txt", "not a manifest");
  EXPECT_EQ(start({"--load", file("empty")}), "empty: no objects in its *.yaml, *.yml and *.json files");
}

TEST_F(ManifestsTest, ABadFileOfAFolderLeavesNoServerBehind) {
  write("all/1.yaml", kDeployment);
  write("all/2.yaml", with(kDeployment, "replicas", "replicsa"));
  EXPECT_EQ(start({"--load", file("all"), "--snapshot", file("state.json"), "--record", file("record"),
                   "--kubeconfig-out", file("kc")}),
            "all/2.yaml:5:3: unknown field \"spec.replicsa\"; did you mean \"replicas\"?");
  for (const char* name : {"state.json", "record", "kc"}) EXPECT_FALSE(fs::exists(file(name))) << name;
}

}  // namespace
}  // namespace fakeapi
