// A test against a cluster of its own: a Deployment of three is up within a minute of the cluster's time.
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppsV1Api, KubeConfig } from '@kubernetes/client-node';

const kubeconfig = join(mkdtempSync(join(tmpdir(), 'fake-')), 'kubeconfig');
const server = spawn(process.env.FAKE_APISERVER ?? 'build/bin/fake-apiserver',
  ['--port', '0', '--print-port', '--stepped', '--kubeconfig-out', kubeconfig], { stdio: ['ignore', 'pipe', 'ignore'] });
const port = Number(String((await once(server.stdout, 'data'))[0]).trim());
try {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const apps = config.makeApiClient(AppsV1Api);
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
  const body = { metadata: { name: 'web' }, spec: { replicas: 3, selector: { matchLabels: labels }, template } };
  await apps.createNamespacedDeployment({ namespace: 'default', body });

  await fetch(`http://127.0.0.1:${port}/gamenight/clock`, { method: 'POST', body: JSON.stringify({ advance: '1m' }) });
  const web = await apps.readNamespacedDeployment({ namespace: 'default', name: 'web' });
  assert.equal(web.status.readyReplicas, 3);
  console.log('ready:', web.status.readyReplicas);
} finally {
  server.kill();
  await once(server, 'exit');
}
