"""What torchvision, detectron2, mmcv, ONNX Runtime and TensorFlow do: their calls, their answers, their differences."""
