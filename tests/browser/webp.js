// Pictures for docs/screens/.
import assert from 'node:assert/strict';

const MOST_BYTES = 80 * 1024;

// → the page, or its first height pixels, as WebP. Chromium makes it in the best quality below the size limit.
export async function webp(page, height) {
    const session = await page.context().newCDPSession(page);
    const { cssContentSize } = await session.send('Page.getLayoutMetrics');
    const clip = { ...cssContentSize, height: Math.min(height ?? Infinity, cssContentSize.height), scale: 1 };
    for (let quality = 90; quality >= 30; quality -= 10) {
        const { data } = await session.send('Page.captureScreenshot',
            { format: 'webp', quality, clip, captureBeyondViewport: true });
        const bytes = Buffer.from(data, 'base64');
        if (bytes.length <= MOST_BYTES) return bytes;
    }
    assert.fail(`no picture of ${page.url()} below ${MOST_BYTES} bytes`);
}
