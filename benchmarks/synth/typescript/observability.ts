import { Aws, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { EDGE_REGION, Service } from './declaration';
import { EnvironmentStack } from './environment';
import { bothSides, edgeErrorRate, edgeRequests, functionErrors, own } from './metrics';
import { SafetyStack } from './safety';
import { TrafficStack } from './traffic';

type Shown = cloudwatch.Metric | cloudwatch.MathExpression;

export class ObservabilityStack extends Stack {
  constructor(scope: Construct, name: string, service: Service, safety: SafetyStack, environment: EnvironmentStack, traffic: TrafficStack) {
    super(scope, `${name}-observability`, { env: { region: EDGE_REGION }, description: `${name}: dashboard` });
    const named = (alarms: cloudwatch.Alarm[]) => alarms.map((alarm) => this.byName(`${name}-${alarm.node.id}`, Stack.of(alarm).region));
    const metrics = bothSides(service);
    const sides = (title: string, old: Shown, new_: Shown, limit?: number) => new cloudwatch.GraphWidget({
      title, width: 8, height: 6, region: service.region,
      left: [old.with({ label: 'old', color: cloudwatch.Color.BLUE }), new_.with({ label: 'new', color: cloudwatch.Color.ORANGE })],
      leftYAxis: { min: 0, showUnits: false },
      leftAnnotations: limit === undefined ? [] : [{ value: limit, label: 'limit', color: cloudwatch.Color.RED }],
    });
    const edge = (title: string, metric: cloudwatch.IMetric) => new cloudwatch.GraphWidget({
      title, width: 8, height: 6, region: EDGE_REGION, left: [metric], leftYAxis: { min: 0, showUnits: false },
    });
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', { dashboardName: `${name}-cutover`, defaultInterval: Duration.hours(3) });
    dashboard.addWidgets(new cloudwatch.CustomWidget({
      title: 'How it stands, and by hand', width: 24, height: 8,
      functionArn: `arn:${Aws.PARTITION}:lambda:${EDGE_REGION}:${Aws.ACCOUNT_ID}:function:${name}-widget`,
    }));
    dashboard.addWidgets(new cloudwatch.TextWidget({ width: 24, height: 5, markdown: `# ${name}: old to new` }));
    dashboard.addWidgets(
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms that roll back', width: 12, height: 6, alarms: named([...environment.rollbackAlarms, ...safety.rollbackAlarms, ...traffic.rollbackAlarms]) }),
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms for people only', width: 12, height: 6, alarms: named([...environment.peopleAlarms, ...safety.peopleAlarms]) }),
    );
    dashboard.addWidgets(
      new cloudwatch.GraphWidget({
        title: 'Declared weight of new, and the share it serves', width: 12, height: 6, region: service.region,
        left: [
          new cloudwatch.MathExpression({ expression: '100 * new / (old + new)', usingMetrics: { old: metrics.old.requests(), new: metrics.new.requests() }, period: Duration.minutes(1), label: 'served by new %' }),
          own('DeclaredWeight', { Service: name, Door: 'edge' }).with({ label: 'declared at the edge door %' }),
        ],
        leftYAxis: { min: 0, max: 100, label: '%', showUnits: false },
      }),
      new cloudwatch.GraphWidget({ title: 'Switch', width: 6, height: 6, region: EDGE_REGION, left: [own('SwitchThrown', { Service: name, Door: 'edge' })], leftYAxis: { min: 0, max: 1, showUnits: false } }),
      new cloudwatch.GraphWidget({ title: 'Judge', width: 6, height: 6, region: EDGE_REGION, left: [own('JudgeVerdict', { Service: name })], leftYAxis: { min: 0, max: 2, showUnits: false } }),
    );
    dashboard.addWidgets(
      sides('Requests a minute', metrics.old.requests(), metrics.new.requests()),
      sides('5xx, % of requests', metrics.old.errorRate(), metrics.new.errorRate(), 1),
      sides('Healthy targets', metrics.old.healthyHosts(), metrics.new.healthyHosts()),
    );
    dashboard.addWidgets(
      sides('Latency, average (s)', metrics.old.latency('Average'), metrics.new.latency('Average'), 0.25),
      sides('Latency, p95 (s)', metrics.old.latency('p95'), metrics.new.latency('p95'), 0.25),
      sides('Connection errors', metrics.old.connectionErrors(), metrics.new.connectionErrors(), 5),
    );
    dashboard.addWidgets(...named(safety.endpointAlarms).map((alarm) => new cloudwatch.AlarmWidget({
      title: alarm.alarmName, width: 4, height: 4, region: EDGE_REGION, alarm, leftYAxis: { min: 0, max: 1, showUnits: false },
    })));
    dashboard.addWidgets(
      edge('Edge: viewer requests a minute', edgeRequests(traffic.distributionId)),
      edge('Edge: 5xx seen by viewers, %', edgeErrorRate(traffic.distributionId)),
      edge('Edge: function errors', functionErrors(`${name}-router`)),
    );
  }

  private byName(name: string, region: string): cloudwatch.IAlarm {
    return (this.node.tryFindChild(name) as cloudwatch.IAlarm | undefined)
      ?? cloudwatch.Alarm.fromAlarmArn(this, name, `arn:${Aws.PARTITION}:cloudwatch:${region}:${Aws.ACCOUNT_ID}:alarm:${name}`);
  }
}
