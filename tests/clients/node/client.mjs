// What programs on @kubernetes/client-node do. Reads KUBECONFIG; an exception is a failure.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const namespace = 'default';

const step = (name) => console.log('ok  ', name);

async function eventually(what, done) {
  for (let i = 0; i < 300; ++i) {
    if (await done()) return step(what);
    await pause(50);
  }
  throw new Error('never came: ' + what);
}

async function refused(code, call) {
  try {
    await call();
  } catch (error) {
    assert.equal(error.code, code, error);
    return error;
  }
  throw new Error('expected ' + code);
}

async function writes() {
  const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'node' }, data: { x: 'y' } } });
  assert.ok(made.metadata.creationTimestamp instanceof Date && !Number.isNaN(made.metadata.creationTimestamp.getTime()));
  step('a body without kind and apiVersion is taken, dates parse');
  const exists = await refused(409, () =>
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'node' } } }));
  assert.match(String(exists.body), /already exists/);
  await core.patchNamespacedConfigMap({ name: 'node', namespace, body: [{ op: 'replace', path: '/data/x', value: 'z' }] });
  assert.equal((await core.readNamespacedConfigMap({ name: 'node', namespace })).data.x, 'z');
  step('an array is a JSON patch');
  await core.deleteNamespacedConfigMap({ name: 'node', namespace });
  await refused(404, () => core.readNamespacedConfigMap({ name: 'node', namespace }));
  step('errors carry their text');

  const labels = { app: 'web' };
  await apps.createNamespacedDeployment({ namespace, body: {
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'app:1' }] } } } } });
  await eventually('a deployment becomes available', async () =>
    (await apps.readNamespacedDeployment({ name: 'web', namespace })).status.availableReplicas === 2);
  const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace });
  scale.spec.replicas = 3;
  await apps.replaceNamespacedDeploymentScale({ name: 'web', namespace, body: scale });
  assert.equal((await apps.readNamespacedDeployment({ name: 'web', namespace })).spec.replicas, 3);
  step('a scale is replaced');
  const pod = (await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items[0].metadata.name;
  assert.equal((await core.deleteNamespacedPod({ name: pod, namespace })).metadata.name, pod);
  step('deleting a pod answers with the pod');
}

async function informer() {
  const seen = [];
  const list = () => core.listNamespacedConfigMap({ namespace });
  const watched = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list);
  for (const event of ['add', 'update', 'delete']) {
    watched.on(event, (object) => seen.push(event + ' ' + object.metadata.name));
  }
  watched.on('error', (error) => seen.push('error ' + error));
  await watched.start();
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'informed' } } });
  await core.patchNamespacedConfigMap({ name: 'informed', namespace, body: [{ op: 'add', path: '/data', value: { k: 'v' } }] });
  await core.deleteNamespacedConfigMap({ name: 'informed', namespace });
  const expected = ['add informed', 'update informed', 'delete informed'];
  await eventually('an informer tells every change', () => expected.every((event) => seen.includes(event)));
  assert.ok(!seen.some((event) => event.startsWith('error')), seen.join());
  await watched.stop();
}

async function watchTimeout() {
  const types = [];
  const watch = new k8s.Watch(config);
  const error = await new Promise((done, failed) => {
    watch.watch(`/api/v1/namespaces/${namespace}/configmaps`, { timeoutSeconds: 1 }, (type) => types.push(type), done)
      .catch(failed);
  });
  assert.ok(types.length > 0 && types.every((type) => type === 'ADDED'), types.join());
  assert.ok(!error || error.name === 'AbortError' || error.code === undefined, error);
  step('a watch begins with what is there and ends by its time-out');
}

await informer();
await writes();
await watchTimeout();
console.log('all steps passed');
process.exit(0);
