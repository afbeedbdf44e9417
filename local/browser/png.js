// From a PNG in base64: its size, its 256 most frequent colours, and for each pixel the number of the nearest of them.

async (png) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const colours = Uint32Array.from({ length: width * height }, (_, i) => (data[4 * i] << 16) | (data[4 * i + 1] << 8) | data[4 * i + 2]);
  const counts = new Map();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts].sort(([a, many], [b, more]) => more - many || a - b).slice(0, 256).map(([colour]) => colour);
  const known = new Map(palette.map((colour, index) => [colour, index]));
  const pixels = Uint8Array.from(colours, (colour) => {
    if (!known.has(colour)) known.set(colour, nearest(colour));
    return known.get(colour);
  });
  let text = "";
  for (let at = 0; at < pixels.length; at += 32768) text += String.fromCharCode(...pixels.subarray(at, at + 32768));
  return { width, height, palette, pixels: btoa(text) };

  function nearest(colour) {
    const far = (other) => [16, 8, 0].reduce((sum, bits) => sum + (((colour >> bits) & 255) - ((other >> bits) & 255)) ** 2, 0);
    return palette.reduce((best, other, index) => (far(other) < far(palette[best]) ? index : best), 0);
  }
}
