// Cameras as the browser gives them: opening one, which there are, light and focus.

const size = { width: { ideal: 1280 }, height: { ideal: 720 } };

const reasons = {
    NotAllowedError: 'denied',
    SecurityError: 'denied',
    NotFoundError: 'none',
    OverconstrainedError: 'none',
    TypeError: 'unsupported',
};

// Why there is no picture. reason: 'insecure' (no HTTPS), 'unsupported' (by this browser), 'denied'
// (by somebody or a rule), 'none' (no camera), 'busy' (another program has it, or it is broken)
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

// cameraId: as of listCameras; where there is none, or where it is gone, the camera that looks there:
// 'environment' (at the back) or 'user'. → MediaStream
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

// → [{id, label}]; labels are empty until somebody allowed a camera
export async function listCameras() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId)
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

export const abilities = (track) => track.getCapabilities?.() ?? {};

// A camera that looks for the focus once, at the start, sees no ticket that comes after.
export async function keepFocus(track) {
    if (!abilities(track).focusMode?.includes('continuous')) return;
    await track.applyConstraints({ advanced: [{ focusMode: 'continuous' }] }).catch(() => {});
}

// → whether the light is now as wished
export async function setTorch(track, on) {
    if (!abilities(track).torch) return !on;
    return track.applyConstraints({ advanced: [{ torch: on }] }).then(() => true, () => false);
}
