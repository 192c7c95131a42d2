// Unpacks the data block that reports/page_data.h describes.

async function inflate(base64) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Float planes to numbers; a second without a sample is null, as uPlot wants it.
function readColumn(bytes, begin, count) {
  const floats = new Float32Array(count);
  const raw = new Uint8Array(floats.buffer);
  for (let plane = 0; plane < 4; plane++) {
    const from = begin + plane * count;
    for (let i = 0; i < count; i++) raw[4 * i + plane] = bytes[from + i];
  }
  return Array.from(floats, (x) => (Number.isNaN(x) ? null : x));
}

// { scenario, start, offset, duration, slo, events, bucketSeconds, t, policies: [{ name, decisions, columns }] }, where
// columns maps a name to an array of numbers and nulls.
export async function readData(element) {
  const bytes = await inflate(element.textContent.trim());
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const run = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  const begin = 4 + size;
  run.t = readColumn(bytes, begin + run.t, run.points);
  for (const policy of run.policies) {
    for (const [name, at] of Object.entries(policy.columns)) {
      policy.columns[name] = readColumn(bytes, begin + at, run.points);
    }
  }
  return run;
}
