// The browser's cameras: open, list, light and focus.

const size = { width: { ideal: 1280 }, height: { ideal: 720 } };

const reasons = {
    NotAllowedError: 'denied',
    SecurityError: 'denied',
    NotFoundError: 'none',
    OverconstrainedError: 'none',
    TypeError: 'unsupported',
};

// Why there is no picture. reason: 'insecure' (no HTTPS), 'unsupported' (by this browser), 'denied'
// (by the user or a policy), 'none' (no camera), 'busy' (used by another program, or broken)
export class CameraError extends Error {
    constructor(reason, cause) {
        super(`no camera: ${reason}${cause ? ` (${cause.name}: ${cause.message})` : ''}`, { cause });
        this.name = 'CameraError';
        this.reason = reason;
    }
}

function mediaDevices() {
    if (!window.isSecureContext) throw new CameraError('insecure');
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError('unsupported');
    return navigator.mediaDevices;
}

const ask = (devices, which) =>
    devices.getUserMedia({ audio: false, video: { ...size, ...which } });

// cameraId: from listCameras. Without it, or if that camera is gone, `facing` chooses: 'environment' (at
// the back) or 'user'. → MediaStream
export async function openStream(cameraId, facing) {
    const devices = mediaDevices();
    const any = { facingMode: { ideal: facing } };
    try {
        if (!cameraId) return await ask(devices, any);
        return await ask(devices, { deviceId: { exact: cameraId } }).catch((error) => {
            if (reasons[error.name] !== 'none') throw error;
            return ask(devices, any);
        });
    } catch (error) {
        throw new CameraError(reasons[error.name] ?? 'busy', error);
    }
}

// → [{id, label}]; labels are empty until the user has allowed a camera
export async function listCameras() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId)
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

export const abilities = (track) => track.getCapabilities?.() ?? {};

// Turns on continuous focus. A camera that focuses only at the start blurs later tickets.
export async function keepFocus(track) {
    if (!abilities(track).focusMode?.includes('continuous')) return;
    await track.applyConstraints({ advanced: [{ focusMode: 'continuous' }] }).catch(() => {});
}

// → whether the light is now as requested
export async function setTorch(track, on) {
    if (!abilities(track).torch) return !on;
    return track.applyConstraints({ advanced: [{ torch: on }] }).then(() => true, () => false);
}
