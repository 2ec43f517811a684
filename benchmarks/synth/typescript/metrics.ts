import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { EDGE_REGION, Service, Side, SideName } from './declaration';

const MINUTE = Duration.minutes(1);

export class LoadBalancerMetrics {
  private readonly loadBalancer: cloudwatch.DimensionsMap;
  private readonly targetGroup: cloudwatch.DimensionsMap;

  constructor(private readonly which: SideName, side: Side, private readonly region: string) {
    this.loadBalancer = { LoadBalancer: side.load_balancer };
    this.targetGroup = { TargetGroup: side.target_group, ...this.loadBalancer };
  }

  requests() { return this.metric('RequestCount', 'Sum'); }
  healthyHosts() { return this.metric('HealthyHostCount', 'Minimum'); }
  connectionErrors() { return this.metric('TargetConnectionErrorCount', 'Sum'); }
  latency(statistic: string) { return this.metric('TargetResponseTime', statistic); }

  healthyPercent() {
    const [healthy, unhealthy] = ['healthy', 'unhealthy'].map((id) => `${this.which}_${id}`);
    return new cloudwatch.MathExpression({
      expression: `IF(${healthy} + ${unhealthy} > 0, 100 * ${healthy} / (${healthy} + ${unhealthy}), 0)`,
      usingMetrics: {
        [healthy]: this.healthyHosts(),
        [unhealthy]: this.metric('UnHealthyHostCount', 'Maximum'),
      },
      period: MINUTE,
      label: `${this.which} healthy targets %`,
    });
  }

  errorRate(minimumRequests = 1) {
    const [requests, target, elb] = ['requests', 'target', 'elb'].map((id) => `${this.which}_${id}`);
    return new cloudwatch.MathExpression({
      expression: `IF(${requests} >= ${minimumRequests}, 100 * (FILL(${target}, 0) + FILL(${elb}, 0)) / ${requests}, 0)`,
      usingMetrics: {
        [requests]: this.requests(),
        [target]: this.metric('HTTPCode_Target_5XX_Count', 'Sum'),
        [elb]: this.metric('HTTPCode_ELB_5XX_Count', 'Sum', this.loadBalancer),
      },
      period: MINUTE,
      label: `${this.which} 5xx %`,
    });
  }

  private metric(metricName: string, statistic: string, dimensionsMap = this.targetGroup) {
    return new cloudwatch.Metric({
      namespace: 'AWS/ApplicationELB', metricName, dimensionsMap, statistic, period: MINUTE, region: this.region,
    });
  }
}

export function own(metricName: string, dimensionsMap: cloudwatch.DimensionsMap) {
  return new cloudwatch.Metric({
    namespace: 'Cutover', metricName, dimensionsMap, statistic: 'Maximum', period: MINUTE, region: EDGE_REGION,
  });
}

export function healthCheckStatus(id: string) {
  return new cloudwatch.Metric({
    namespace: 'AWS/Route53', metricName: 'HealthCheckStatus', dimensionsMap: { HealthCheckId: id },
    statistic: 'Minimum', period: MINUTE, region: EDGE_REGION,
  });
}

function edge(metricName: string, statistic: string, dimensions: cloudwatch.DimensionsMap) {
  return new cloudwatch.Metric({
    namespace: 'AWS/CloudFront', metricName, dimensionsMap: { ...dimensions, Region: 'Global' },
    statistic, period: MINUTE, region: EDGE_REGION,
  });
}

export const edgeRequests = (id: string) => edge('Requests', 'Sum', { DistributionId: id });
export const edgeErrorRate = (id: string) => edge('5xxErrorRate', 'Average', { DistributionId: id });

export function functionErrors(functionName: string) {
  const names = {
    execution: 'FunctionExecutionErrors',
    validation: 'FunctionValidationErrors',
    throttled: 'FunctionThrottles',
    store: 'KvsReadErrors',
  };
  return new cloudwatch.MathExpression({
    expression: Object.keys(names).map((key) => `FILL(${key}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(
      Object.entries(names).map(([key, name]) => [key, edge(name, 'Sum', { FunctionName: functionName })]),
    ),
    period: MINUTE,
    label: 'function errors',
  });
}

export function bothSides(service: Service) {
  return {
    old: new LoadBalancerMetrics('old', service.old, service.region),
    new: new LoadBalancerMetrics('new', service.new, service.region),
  };
}
