import type * as tfjs from '@tensorflow/tfjs'

/** The parts of tfjs-node 4.22.0 that run an operation of TensorFlow by name. */
interface NativeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number
    readonly TF_ATTR_BOOL: number
    readonly TF_ATTR_FLOAT: number
    readonly TF_FLOAT: number
    readonly TF_INT64: number
    createTensor(shape: readonly number[], type: number, values: Int32Array): number
    deleteTensor(id: number): void
    executeOp(name: string, attributes: readonly unknown[], inputs: readonly number[], outputs: number): readonly unknown[]
  }
  getInputTensorIds(tensors: readonly tfjs.Tensor[]): number[]
  createOutputTensor(metadata: unknown): tfjs.Tensor
}

export type Recurrence = (inputs: tfjs.Tensor3D, kernel: tfjs.Tensor2D, bias: tfjs.Tensor1D) => tfjs.Tensor2D

/**
 * A long short-term memory over tokens (Hochreiter & Schmidhuber 1997, with a forget gate), gates in the order input, forget, candidate, output.
 * Inputs [tokens × windows × features]; kernel [features + units, 4 · units]; gives the last state [windows × units].
 * On tfjs-node one operation of TensorFlow runs all tokens, and its own gradient is used; elsewhere the same is computed token by token.
 */
export function recurrence(tf: typeof tfjs, native: boolean): Recurrence {
  return native ? fused(tf) : unrolled(tf)
}

function unrolled(tf: typeof tfjs): Recurrence {
  return (inputs, kernel, bias) => {
    const [tokens, windows] = inputs.shape
    const units = bias.shape[0] / 4
    let state = tf.zeros([windows, units]) as tfjs.Tensor2D
    let cell = tf.zeros([windows, units]) as tfjs.Tensor2D
    const each = tf.unstack(inputs, 0) as tfjs.Tensor2D[]
    for (let token = 0; token < tokens; token += 1) {
      const gates = tf.add(tf.matMul(tf.concat([each[token] as tfjs.Tensor2D, state], 1), kernel), bias)
      const [input, forget, candidate, output] = tf.split(gates, 4, 1) as tfjs.Tensor2D[]
      cell = tf.add(tf.mul(cell, tf.sigmoid(forget as tfjs.Tensor2D)), tf.mul(tf.sigmoid(input as tfjs.Tensor2D), tf.tanh(candidate as tfjs.Tensor2D)))
      state = tf.mul(tf.tanh(cell), tf.sigmoid(output as tfjs.Tensor2D))
    }
    return state
  }
}

function fused(tf: typeof tfjs): Recurrence {
  const backend = tf.backend() as unknown as NativeBackend
  const { binding } = backend
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'use_peephole', type: binding.TF_ATTR_BOOL, value: false },
  ]
  const clip = { name: 'cell_clip', type: binding.TF_ATTR_FLOAT, value: 0 }
  const run = (name: string, settings: readonly unknown[], tokens: number, inputs: readonly tfjs.Tensor[], outputs: number): tfjs.Tensor[] => {
    const length = binding.createTensor([], binding.TF_INT64, Int32Array.from([tokens, 0]))
    try {
      return binding.executeOp(name, settings, [length, ...backend.getInputTensorIds(inputs)], outputs).map((output) => backend.createOutputTensor(output))
    } finally {
      binding.deleteTensor(length)
    }
  }
  const states = tf.customGrad((...all: unknown[]) => {
    const [inputs, kernel, bias, save] = all as [tfjs.Tensor3D, tfjs.Tensor2D, tfjs.Tensor1D, (tensors: tfjs.Tensor[]) => void]
    const [tokens, windows] = inputs.shape
    const units = bias.shape[0] / 4
    const zero = tf.zeros([windows, units])
    const peephole = tf.zeros([units])
    const outputs = run('BlockLSTMV2', [...attributes, clip], tokens, [inputs, zero, zero, kernel, peephole, peephole, peephole, bias], 7)
    save([inputs, kernel, bias, zero, peephole, ...outputs])
    return {
      value: outputs[6] as tfjs.Tensor,
      gradFunc: (slope: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        const [x, w, b, z, p, ...kept] = saved as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor, tfjs.Tensor, tfjs.Tensor, ...tfjs.Tensor[]]
        const cells = tf.zerosLike(kept[1] as tfjs.Tensor)
        const slopes = run('BlockLSTMGradV2', attributes, tokens, [x, z, z, w, p, p, p, b, ...kept, cells, slope], 8)
        return [slopes[0], slopes[3], slopes[7]] as tfjs.Tensor[]
      },
    }
  })
  return (inputs, kernel, bias) => {
    const [tokens, windows] = inputs.shape
    const all = states(inputs, kernel, bias) as tfjs.Tensor3D
    return tf.reshape(tf.slice(all, [tokens - 1, 0, 0], [1, windows, -1]), [windows, -1])
  }
}
